from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "nkwatch.site"
    label = "site"
    verbose_name = "Site"

    def ready(self) -> None:
        from nkwatch.editorial.derivation import derives
        from nkwatch.editorial.proving import proves
        from nkwatch.site.search.index import findings, index_changed
        from nkwatch.site.worklists import register_site_worklists

        derives(index_changed, floor=3)
        proves("search index", findings)
        register_site_worklists()
