"""The lasting addresses of a record's past: its public versions, and citations of them (pages.md, section 0)."""

from typing import Any

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path, register_converter
from django.utils.translation import gettext as _

from nkwatch.editorial.history.moments import Past
from nkwatch.editorial.models import PublicChange
from nkwatch.editorial.proposals import stored_value
from nkwatch.editorial.public.citations import Pinned, citation_path, pinned, version_path
from nkwatch.editorial.public.citing import FORMATS, Work
from nkwatch.editorial.public.pages import LabelConverter, RecordDetail
from nkwatch.editorial.public.versions import Step, differing, public_fields, public_versions
from nkwatch.editorial.public.words import in_words, public_parts, summary, values_in_words
from nkwatch.editorial.words import name_of


class EndingConverter(LabelConverter):
    """The ending of a citation file."""

    regex = "|".join(ending.replace(".", r"\.") for ending in FORMATS)


register_converter(EndingConverter, "citation")


class PastPage(RecordDetail):
    """An address below that of a record."""

    context_object_name = "record"

    def get_queryset(self) -> Any:
        return self.model.objects.public().named()

    def address_of(self, record: Any) -> str:
        """A record that was merged leads to the page of the one that stays, whose past is another."""
        return self.own_address(record) if self.is_asked_for(record) else record.get_absolute_url()

    def is_asked_for(self, record: Any) -> bool:
        return all(getattr(record, name) == value for name, value in self.lookup.items())

    def own_address(self, record: Any) -> str:
        raise NotImplementedError


class VersionList(PastPage):
    """The public versions of a record, the newest first, with what changed in each."""

    template_name = "record/versions.html"

    def own_address(self, record: Any) -> str:
        return f"{record.get_absolute_url()}versions/"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        changes = list(PublicChange.objects.of(self.object).newest_first())
        told = [
            (change, summary(self.model, change.difference), version_path(self.object, change.version))
            for change in changes
        ]
        return super().get_context_data(changes=told, **kwargs)


class VersionPage(PastPage):
    """One public version of a record, and what differs in it from another one."""

    template_name = "record/version.html"

    def own_address(self, record: Any) -> str:
        return version_path(record, self.kwargs["version"])

    def answer(self, record: Any) -> HttpResponseBase:
        self.past = Past(self.model, record.pk)
        self.versions = public_versions(self.past, list(PublicChange.objects.in_order_of_telling(record)))
        if not 0 < self.kwargs["version"] <= len(self.versions):
            raise Http404(_("The record has no such version."))
        if self.versions[self.kwargs["version"] - 1].withheld:
            return render(self.request, "record/withheld.html", {"record": record}, status=410)
        return super().answer(record)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        number, past, versions = self.kwargs["version"], self.past, self.versions
        step = versions[number - 1]
        against = self._against(number)
        context = super().get_context_data(**kwargs)
        return context | {
            "version": step,
            "versions": [version for version in versions if not version.withheld],
            "latest": versions[-1],
            "against": against,
            "changes": self._changes(past, versions[against - 1], step) if against else [],
            **_contents(past, step),
            "pinned": self._pin(step),
        }

    def _against(self, number: int) -> int:
        """The version to compare with: the one asked for, else the one before; 0 for none that readers may see."""
        asked = self.request.GET.get("against", "")
        against = _number(asked) if asked else number - 1
        if not 0 < against <= len(self.versions) or against == number or self.versions[against - 1].withheld:
            return 0
        return against

    def _changes(self, past: Past, older: Step, newer: Step) -> list[Any]:
        [told] = in_words([(self.model, differing(past, older.standing, newer.standing))])
        return told

    def _pin(self, step: Step) -> Pinned:
        return pinned(self.object, step.version, step.made, self.request)


def _contents(past: Past, step: Step) -> dict[str, Any]:
    """What a version held: the record's own fields, and each of its parts that readers see still."""
    shown: dict[Any, set[Any]] = {}
    for model in {model for model, _pk in step.standing}:
        if model is not past.model:
            shown[model] = public_parts(model, [pk for its, pk in step.standing if its is model])
    rows = [(key, version) for key, version in step.standing.items() if key[0] is past.model or key[1] in shown[key[0]]]
    worded = values_in_words((key[0], _held(past, key[0], version)) for key, version in rows)
    parts: dict[str, list[Any]] = {}
    own: list[Any] = []
    for (key, _version), values in zip(rows, worded, strict=True):
        if key[0] is past.model:
            own = values
        else:
            parts.setdefault(name_of(key[0]._meta.verbose_name_plural), []).append(values)
    return {
        "values": own,
        "parts": parts,
        "left_out": len(step.standing) - len(rows),
    }


def _held(past: Past, model: Any, version: Any) -> dict[str, Any]:
    return {
        column.name: version.listed[column.name]
        if column.many_to_many
        else stored_value(column, getattr(version, column.attname))
        for column in public_fields(past, model)
    }


def _number(text: str) -> int:
    """A version's number as it was asked for; 0, which no version has, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


class CitationFile(PastPage):
    """How to cite the page of a record, as a file: `?version=3` pins another version than the present one."""

    def own_address(self, record: Any) -> str:
        return citation_path(record, self.kwargs["ending"])

    def answer(self, record: Any) -> HttpResponseBase:
        found, work = FORMATS[self.kwargs["ending"]], self.work(record)
        answer = HttpResponse(found.write(work), content_type=f"{found.media_type}; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{work.key}.{found.ending}"'
        return answer

    def work(self, record: Any) -> Work:
        """What is cited; a version that the record does not have is not found."""
        asked = self.request.GET.get("version", "")
        changes = PublicChange.objects.of(record).filter(version__gt=0).order_by("-version", "made", "pk")
        change = (changes.filter(version=_number(asked)) if asked else changes).first()
        if asked and change is None:
            raise Http404(_("The record has no such version."))
        version, made = (change.version, change.made) if change else (0, record.updated)
        return pinned(record, version, made, self.request).work


def past_paths(
    name: str, model: Any, citation: type[CitationFile] = CitationFile, key: str = "<label:label>-<words:slug>"
) -> list[URLPattern]:
    """The addresses of the past of each record of `model`, below those of the list called `name`."""
    return [
        path(f"{name}/{key}/versions/", VersionList.as_view(model=model)),
        path(f"{name}/{key}/versions/<int:version>/", VersionPage.as_view(model=model)),
        path(f"{name}/{key}.<citation:ending>", citation.as_view(model=model)),
    ]
