"""Make the groups editor, reviewer and administrator, with their permissions."""

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

from nkwatch.editorial.roles import ROLES, grant_roles

MODELS = {
    "sources": [
        "country", "actor", "actorname", "source", "authorship", "reference", "reason", "quote", "quotecitation",
    ],
    "missions": [
        "mission", "missioncitation", "coverage", "coveragecitation", "closureevent", "eventcitation",
        "reportedfigure", "figurecitation", "statusspan",
    ],
    "editorial": ["importbatch", "importrow", "proposedchange"],
}


def make_groups(apps, schema_editor):
    # Permissions are otherwise made after the last migration, too late for this one.
    for label in ("auth", *MODELS):
        create_permissions(installed.get_app_config(label), apps=apps, verbosity=0)
    grant_roles(apps.get_model("auth", "Group"), apps.get_model("auth", "Permission"), MODELS)


def remove_groups(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=ROLES).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("editorial", "0001_initial"),
        ("sources", "0002_countries"),
        ("missions", "0001_initial"),
    ]

    operations = [migrations.RunPython(make_groups, remove_groups)]
