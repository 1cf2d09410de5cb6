"""What changed in the record, as readers are told it: a page, JSON for programs, and what feeds are made of.

Corrections come first (pages.md, Changes). Only what readers could see is told, and of what they no
longer see only that it went, and why.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from missions.models import ClosureEvent, Mission, ReportedFigure
from nkwatch.editorial.models import ChangeKind, NumberedRecord, PublicChange, top_kinds
from nkwatch.editorial.public.citations import version_path
from nkwatch.editorial.public.words import Told, in_words
from nkwatch.editorial.words import counted, name_of
from sources.models import Actor, Quote, Reason, Source

KINDS: dict[str, Any] = {
    "missions": Mission,
    "events": ClosureEvent,
    "sources": Source,
    "quotes": Quote,
    "actors": Actor,
    "figures": ReportedFigure,
    "reasons": Reason,
}
"""The kinds of records, by the names of their lists."""

ORDER = (ChangeKind.CORRECTION, ChangeKind.ADDITION, ChangeKind.MERGE, ChangeKind.RETRACTION, ChangeKind.RESTORATION)
ALWAYS = (ChangeKind.CORRECTION, ChangeKind.ADDITION)
"""The kinds that are told of even where there was none."""

NAMES = {model: name for name, model in KINDS.items()}


@dataclass
class ToldChange:
    """One change with what it is told with: `record` is None where readers no longer see it."""

    change: PublicChange
    model: Any
    number: str
    record: Any = None
    kept: Any = None
    told: Sequence[Told] = ()
    gone_with_it: list[str] = field(default_factory=list)
    """The numbers of the published records that went with one which was retracted."""

    @property
    def kind_name(self) -> str:
        """What kind of record it is, for people."""
        return name_of(self.model._meta.verbose_name)

    @property
    def title(self) -> str:
        """The record's name, as far as readers see it, and its number."""
        if self.record is None:
            return f"{capfirst(self.kind_name)} {self.number}".strip()
        return f"{self.record} ({self.number})" if isinstance(self.record, NumberedRecord) else str(self.record)

    @property
    def address(self) -> str:
        """Where the change leads: to the version that it left, to the record that stayed, or to why it went."""
        if self.kept is not None and self.change.kind == ChangeKind.MERGE:
            return self.kept.get_absolute_url()
        if self.record is None:
            return ""
        if self.change.version:
            return version_path(self.record, self.change.version)
        return self.record.get_absolute_url()

    @property
    def sentence(self) -> str:
        """What happened, where before and after do not tell it."""
        change = self.change
        if change.kind == ChangeKind.MERGE:
            if self.kept is None:
                return _("Merged into another record.")
            return _("Merged into %(record)s.") % {"record": f"{self.kept} ({self.kept.label})"}
        if change.kind == ChangeKind.RETRACTION:
            return _("Retracted. The reason given: %(reason)s") % {"reason": change.reason}
        if change.kind == ChangeKind.RESTORATION and change.merge is not None:
            return _("It stands on its own again: the merge was taken back.")
        if change.kind == ChangeKind.RESTORATION:
            return _("Published again after it was retracted.")
        return _("Published for the first time.") if self.is_first else ""

    @property
    def is_first(self) -> bool:
        """Whether readers had never seen the record before."""
        return self.change.version == 1 and self.change.kind == ChangeKind.ADDITION


@dataclass(frozen=True)
class Asked:
    """Which changes are asked for."""

    kind: str = ""
    of: str = ""
    record: str = ""
    since: datetime.datetime | None = None
    """From when on; programs, who come back with the moment that they were told, ask apart from this."""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Asked":
        """Read the filters of an address. Raises ValidationError, naming the one that makes no sense."""
        asked = cls(query.get("kind", ""), query.get("of", ""), query.get("record", "").strip())
        if asked.kind and asked.kind not in ChangeKind.values:
            raise ValidationError({"kind": f"“{asked.kind}” is none of: {', '.join(ChangeKind.values)}."})
        if asked.of and asked.of not in KINDS:
            raise ValidationError({"of": f"“{asked.of}” is none of: {', '.join(KINDS)}."})
        if asked.record and asked.named() is None:
            raise ValidationError({"record": f"“{asked.record}” is not the number of a record, such as M-0017."})
        return asked

    def named(self) -> tuple[Any, str, Any] | None:
        """The kind of the record asked for, and by which field it is found: a number, or a reason's slug."""
        prefix, _, digits = self.record.upper().partition("-")
        if digits.isascii() and digits.isdigit() and len(digits) < 10:
            for model in KINDS.values():
                if getattr(model, "prefix", None) == prefix:
                    return model, "number", int(digits)
        return (Reason, "slug", self.record) if self.record.replace("-", "").isalnum() else None

    def changes(self) -> Any:
        """The changes asked for, all that readers may be told of."""
        found = PublicChange.objects.public()
        if self.kind:
            found = found.filter(kind=self.kind)
        if self.of:
            found = found.of_kind(KINDS[self.of])
        if named := self.named() if self.record else None:
            model, name, value = named
            rows = model._base_manager.filter(**{name: value})
            found = found.of_kind(model).filter(record_id__in=rows.values("pk"))
        return found.filter(made__gte=self.since) if self.since else found

    def on(self, since: datetime.datetime) -> "Asked":
        """The same, from a moment on."""
        return replace(self, since=since)

    def query(self, **more: Any) -> str:
        """The query string that asks for the same."""
        query = urlencode(self.parameters(**more))
        return f"?{query}" if query else ""

    def parameters(self, **more: Any) -> dict[str, Any]:
        """The parameters of an address that ask for the same."""
        since = self.since.date().isoformat() if self.since else ""
        told = {"kind": self.kind, "of": self.of, "record": self.record, "since": since, **more}
        return {name: value for name, value in told.items() if value}


IN_NUMBERS = {
    ChangeKind.CORRECTION: ngettext_lazy("%(words)s correction", "%(words)s corrections", "number"),
    ChangeKind.ADDITION: ngettext_lazy("%(words)s addition", "%(words)s additions", "number"),
    ChangeKind.MERGE: ngettext_lazy("%(words)s merge", "%(words)s merges", "number"),
    ChangeKind.RETRACTION: ngettext_lazy("%(words)s retraction", "%(words)s retractions", "number"),
    ChangeKind.RESTORATION: ngettext_lazy("%(words)s published again", "%(words)s published again", "number"),
}


def in_numbers(changes: Any) -> str:
    """How many changes of each kind there were: "no corrections, two additions, one merge"."""
    found = dict(changes.order_by().values_list("kind").annotate(n=Count("pk")))
    return ", ".join(
        counted(found.get(kind, 0), IN_NUMBERS[kind]) for kind in ORDER if found.get(kind) or kind in ALWAYS
    )


def cursor_of(change: PublicChange) -> str:
    """The place of a change in the order of time, as an address has it."""
    return f"{change.made.astimezone(datetime.UTC):%Y%m%dT%H%M%S.%fZ}-{change.pk}"


def read_cursor(text: str) -> tuple[datetime.datetime, int]:
    """Read a place as `cursor_of` writes it. Raises ValidationError."""
    time, _, key = text.rpartition("-")
    try:
        moment = datetime.datetime.strptime(time, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=datetime.UTC)
        if not (key.isascii() and key.isdigit() and len(key) < 19):
            raise ValueError
    except ValueError as error:
        raise ValidationError({"before": "This page of changes cannot be found: begin with the newest."}) from error
    return moment, int(key)


def before(changes: Any, place: str) -> Any:
    """Those that come after a place in a list with the newest first."""
    made, pk = read_cursor(place)
    return changes.filter(Q(made__lt=made) | Q(made=made, pk__lt=pk))


def after(changes: Any, place: str) -> Any:
    """Those that come after a place in a list with the oldest first."""
    made, pk = read_cursor(place)
    return changes.filter(Q(made__gt=made) | Q(made=made, pk__gt=pk))


def tell(changes: Iterable[PublicChange]) -> list[ToldChange]:
    """What readers are told of each change, in a number of queries that does not grow with the changes."""
    changes = list(changes)
    models = {change.record_type_id: change.record_type.model_class() for change in changes}
    shown = _shown((models[change.record_type_id], change.record_id) for change in changes)
    kept = _shown((change.merge.model, change.merge.kept_id) for change in changes if change.merge)
    numbers = _numbers((models[c.record_type_id], c.record_id) for c in changes)
    with_it = _gone_with(
        (models[c.record_type_id], c.record_id)
        for c in changes
        if c.is_gone and (models[c.record_type_id], c.record_id) not in shown
    )
    words = in_words(
        (models[c.record_type_id], c.difference if (models[c.record_type_id], c.record_id) in shown else [])
        for c in changes
    )
    told = []
    for change, lines in zip(changes, words, strict=True):
        key = models[change.record_type_id], change.record_id
        record = shown.get(key)
        one = ToldChange(change, key[0], numbers[key], record, told=lines, gone_with_it=with_it.get(key, []))
        if change.merge is not None:
            one.kept = kept.get((change.merge.model, change.merge.kept_id))
        told.append(one)
    return told


def _by_model(keys: Iterable[tuple[Any, int]]) -> Mapping[Any, set[int]]:
    found: dict[Any, set[int]] = defaultdict(set)
    for model, pk in keys:
        found[model].add(pk)
    return found


def _shown(keys: Iterable[tuple[Any, int]]) -> dict[tuple[Any, int], Any]:
    """The records that readers see now, by kind and id, each with what its name is made of."""
    return {
        (model, record.pk): record
        for model, pks in _by_model(keys).items()
        for record in model.objects.public().named().filter(pk__in=pks)
    }


def _numbers(keys: Iterable[tuple[Any, int]]) -> dict[tuple[Any, int], str]:
    """The numbers that records go by, those of retracted ones too; a reason's slug."""
    found: dict[tuple[Any, int], str] = {}
    for model, pks in _by_model(keys).items():
        numbered = issubclass(model, NumberedRecord)
        rows = model._base_manager.filter(pk__in=pks).values_list("pk", "number" if numbered else "slug")
        found |= {(model, pk): f"{model.prefix}-{key:04d}" if numbered else key for pk, key in rows}
    return found


def _gone_with(keys: Iterable[tuple[Any, int]]) -> dict[tuple[Any, int], list[str]]:
    """The published records that readers see only through one that is gone: the steps of a mission."""
    found: dict[tuple[Any, int], list[str]] = defaultdict(list)
    for model, pks in _by_model(keys).items():
        for kind in top_kinds():
            for name in kind.public_through:
                if kind._meta.get_field(name).related_model is model:
                    rows = kind._base_manager.filter(state="published", **{f"{name}__in": pks}).order_by("number")
                    for row in rows:
                        found[model, getattr(row, f"{name}_id")].append(row.label)  # type: ignore[attr-defined]
    return found
