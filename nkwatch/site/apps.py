from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "nkwatch.site"
    label = "site"
    verbose_name = "Site"
