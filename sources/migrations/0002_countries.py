"""Load the countries and territories: reference data, not an editor's (domain.md, Models)."""

import csv
from pathlib import Path

from django.db import migrations

COUNTRIES = Path(__file__).resolve().parent.parent / "reference" / "countries.csv"


def load(apps, schema_editor):
    Country = apps.get_model("sources", "Country")
    with COUNTRIES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["governed_by_id"] = row.pop("governed_by") or None
    rows.sort(key=lambda row: row["governed_by_id"] is not None)
    Country.objects.bulk_create([Country(**row) for row in rows])


class Migration(migrations.Migration):
    dependencies = [("sources", "0001_initial")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
