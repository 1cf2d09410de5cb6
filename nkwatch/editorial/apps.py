from typing import Any

from django.apps import AppConfig


class EditorialConfig(AppConfig):
    name = "nkwatch.editorial"
    label = "editorial"
    verbose_name = "Editorial desk"

    def ready(self) -> None:
        from django.db.backends.signals import connection_created
        from django.db.models.signals import post_migrate
        from simple_history.signals import pre_create_historical_record

        from nkwatch.editorial.database import let_sqlite_take_long_statements
        from nkwatch.editorial.derivation import derives
        from nkwatch.editorial.desk_worklists import register_desk_worklists
        from nkwatch.editorial.proving import proves
        from nkwatch.editorial.public.changes import derive_public_changes, findings
        from nkwatch.editorial.versions import sign_version

        pre_create_historical_record.connect(sign_version, dispatch_uid="editorial.sign_version")
        connection_created.connect(let_sqlite_take_long_statements, dispatch_uid="editorial.long_statements")
        register_desk_worklists()
        derives(derive_public_changes, floor=3)
        proves("changes", findings)
        post_migrate.connect(_tell_of_the_past, sender=self, dispatch_uid="editorial.tell_of_the_past")


def _tell_of_the_past(**kwargs: Any) -> None:
    """List the public changes of records that were published before such a list was kept."""
    from nkwatch.editorial.models import PublicChange
    from nkwatch.editorial.public.changes import derive_all

    try:
        kwargs["apps"].get_model("editorial", "PublicChange")
    except LookupError:
        return  # Migrated back to before there was one.
    if not PublicChange.objects.exists():
        derive_all()
