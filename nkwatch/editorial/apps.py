from django.apps import AppConfig


class EditorialConfig(AppConfig):
    name = "nkwatch.editorial"
    label = "editorial"
    verbose_name = "Editorial desk"

    def ready(self) -> None:
        from django.db.backends.signals import connection_created
        from simple_history.signals import pre_create_historical_record

        from nkwatch.editorial.database import let_sqlite_take_long_statements
        from nkwatch.editorial.desk_worklists import register_desk_worklists
        from nkwatch.editorial.versions import sign_version

        pre_create_historical_record.connect(sign_version, dispatch_uid="editorial.sign_version")
        connection_created.connect(let_sqlite_take_long_statements, dispatch_uid="editorial.long_statements")
        register_desk_worklists()
