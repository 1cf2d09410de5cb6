"""The search index: for each public record the words by which it is found."""

from django.db import models


class SearchEntry(models.Model):
    """The folded words of one public record; derived by `search.index`, never edited.

    The database keeps its own index of `terms` in step with the table: an FTS5 table by triggers on
    SQLite, a stored tsvector with a GIN index on PostgreSQL (migration 0003).
    """

    kind = models.CharField(max_length=8)
    record_id = models.PositiveBigIntegerField()
    number = models.PositiveIntegerField()
    day = models.DateField(null=True)
    name_terms = models.TextField(help_text="The folded words of its names, between blanks, in their order.")
    terms = models.TextField(help_text="All its folded words, between blanks, in their order.")
    words = models.TextField(help_text="Its own words as people write them, from which spellings are suggested.")
    stored = models.DateTimeField()

    class Meta:
        verbose_name_plural = "search entries"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["kind", "record_id"], name="site_searchentry_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.record_id}"
