"""What nkwatch's models hold, without their validation, history, numbers and citations.

Whatever a resource looks a record up by is unique, and so has an index. Made by a schema editor when
the benchmark runs: no migration knows them.
"""

from django.db import models


class Actor(models.Model):
    name = models.CharField(max_length=200, unique=True)

    def __str__(self) -> str:
        return self.name


class Mission(models.Model):
    name = models.CharField(max_length=200, unique=True)
    host_country = models.CharField(max_length=100)
    city = models.CharField(max_length=100, blank=True)
    kind = models.CharField(max_length=30, blank=True)

    def __str__(self) -> str:
        return self.name


class Source(models.Model):
    key = models.CharField(max_length=1000, unique=True)
    url = models.CharField(max_length=1000, blank=True)
    title = models.CharField(max_length=1000, blank=True)
    outlet = models.ForeignKey(Actor, null=True, on_delete=models.PROTECT)
    issued = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=35, blank=True)
    archive_url = models.CharField(max_length=1000, blank=True)

    def __str__(self) -> str:
        return self.title


class Quote(models.Model):
    key = models.CharField(max_length=1000, unique=True)
    text = models.TextField(blank=True)
    text_original = models.TextField(blank=True)
    language = models.CharField(max_length=35, blank=True)
    speaker = models.ForeignKey(Actor, null=True, on_delete=models.PROTECT)
    speaker_role = models.CharField(max_length=200, blank=True)
    said_on = models.CharField(max_length=40, blank=True)
    reasons = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.key


class Event(models.Model):
    mission = models.ForeignKey(Mission, on_delete=models.PROTECT)
    event = models.CharField(max_length=40)
    date = models.CharField(max_length=40)
    date_wording = models.CharField(max_length=200, blank=True)
    source = models.ForeignKey(Source, on_delete=models.PROTECT)
    summary = models.TextField(blank=True)
    basis = models.CharField(max_length=20, blank=True)
    attributed_to_actor = models.ForeignKey(Actor, null=True, on_delete=models.PROTECT)
    locator = models.CharField(max_length=100, blank=True)
    wording = models.TextField(blank=True)
    quotes = models.ManyToManyField(Quote)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mission", "event", "date", "source"], name="plain_event_once")]

    def __str__(self) -> str:
        return f"{self.mission}: {self.event}"


MODELS = (Actor, Mission, Source, Quote, Event)
