from django.apps import AppConfig


class SourcesConfig(AppConfig):
    name = "sources"
    verbose_name = "Sources"

    def ready(self) -> None:
        from nkwatch.editorial.derivation import derives
        from sources.merging import register as register_merging
        from sources.origins import derive_origins
        from sources.worklists import register_source_worklists

        derives(derive_origins, floor=1)
        register_merging()
        register_source_worklists()
