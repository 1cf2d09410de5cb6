"""Let the desk's roles keep captured copies; only administrators remove one."""

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import migrations

from nkwatch.editorial.roles import ADMINISTRATOR, ROLES

KEEP = ("view", "add", "change")


def grant(apps, schema_editor):
    # Permissions are otherwise made after the last migration, too late for this one.
    create_permissions(installed.get_app_config("sources"), apps=apps, verbosity=0)
    permissions = apps.get_model("auth", "Permission").objects.filter(content_type__app_label="sources")
    for role in ROLES:
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=role)
        verbs = (*KEEP, "delete") if role == ADMINISTRATOR else KEEP
        group.permissions.add(*permissions.filter(codename__in=[f"{verb}_capturedcopy" for verb in verbs]))


class Migration(migrations.Migration):
    dependencies = [("site", "0001_roles"), ("sources", "0003_captured_copies")]

    operations = [migrations.RunPython(grant, migrations.RunPython.noop)]
