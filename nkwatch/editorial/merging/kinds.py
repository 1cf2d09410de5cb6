"""Merging two records of a kind into one (pages.md, B4; domain.md, rules 6 to 8). Knows no domain.

Whatever names the merged record, by foreign key, in a list or as "the record", is made to name the
kept one. A row that then says the same as another is folded into it. Apps say in `Kind` which
records are merged, and in `Twin` when two of their rows are the same.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.apps import apps
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from nkwatch.editorial.desk import BEEN_PUBLIC, named
from nkwatch.editorial.merging.ledger import Ledger
from nkwatch.editorial.models import Merge, NotTheSame, NumberedRecord, ProposedChange, Publishable, State

Suggest = Callable[[], Iterable[Any]]

Look = Callable[[Sequence[Any]], Callable[[], list[str]]]
"""Asked in the midst of a merge that is taken back, of the rows written: reads what readers would see then; what
it gives is asked once all is as before, and says in words what differs."""


@dataclass(frozen=True)
class Kind:
    """A kind of record that is merged.

    `suggest` gives pairs that may be one. `held_once` are columns of which no two records have
    the same value: where the kept record takes the merged one's, the merged one is given what the
    kept one had, so that both go on being found by it; `set_free` says by what the value is replaced
    meanwhile. `says_nothing` are values as good as none ("unspecified"). `refuse` says why two
    records can never be one. `take_over` sets on the kept record what it takes besides, `inherit`
    writes rows of its own (names); both are given the name that the kept record had. `check` raises
    ValidationError for what only the whole can show.
    """

    model: Any
    suggest: Suggest
    fields: tuple[str, ...]
    held_once: tuple[str, ...] = ()
    set_free: Callable[[Any], dict[str, Any]] = lambda record: {}
    says_nothing: tuple[str, ...] = ()
    refuse: Callable[[Any, Any], str] = lambda kept, merged: ""
    take_over: Callable[[Any, Any, str], None] = lambda kept, merged, old_name: None
    inherit: Callable[[Any, Any, str, Ledger], None] = lambda kept, merged, old_name, ledger: None
    check: Callable[[Any], None] = lambda kept: None

    @property
    def slug(self) -> str:
        """The kind's name in addresses."""
        return str(self.model._meta.model_name)

    @property
    def plural(self) -> str:
        """The kind's name for people, of several."""
        return str(self.model._meta.verbose_name_plural)

    @property
    def type(self) -> ContentType:
        return ContentType.objects.get_for_model(self.model)

    def is_empty(self, value: Any) -> bool:
        """Whether a value says nothing, so that the other record's is the better one."""
        return value in (None, "", *self.says_nothing)


class Twin(NamedTuple):
    """When two rows say the same: `find` gives the one that stands beside a row.

    What differs in the fields `ignoring`, or where one `says_nothing`, does not keep them apart.
    With `may_both_stand` two rows that differ stay two; else the merge is refused until they are
    made the same. Of what nobody publishes (files) `find` gives what is the same in all that counts.
    """

    model: type[Any]
    find: Callable[[Any], Any]
    ignoring: tuple[str, ...] = ()
    says_nothing: tuple[str, ...] = ()
    may_both_stand: bool = False


_kinds: dict[str, Kind] = {}
_twins: list[Twin] = []
_looks: list[Look] = []


def register_kind(kind: Kind) -> None:
    """Register a kind of record that is merged."""
    _kinds[kind.slug] = kind


def register_twin(twin: Twin) -> None:
    """Register when two rows of a model say the same."""
    _twins.append(twin)


def register_look(look: Look) -> None:
    """Register what tells of a merge how it changes what rules derive for readers."""
    _looks.append(look)


def look_at(rows: Sequence[Any]) -> list[Callable[[], list[str]]]:
    """What readers would see of `rows`, to be put into words later (see `Look`)."""
    return [look(rows) for look in _looks]


def kinds() -> list[Kind]:
    """Every kind of record that is merged, in the order of their names."""
    return [_kinds[slug] for slug in sorted(_kinds)]


def kind_called(slug: str) -> Kind | None:
    return _kinds.get(slug)


@dataclass
class Naming:
    """A row that names a record, and in which of its columns, lists or generic relations."""

    row: Any
    columns: list[Any] = field(default_factory=list)
    lists: list[Any] = field(default_factory=list)


def namings(record: Any) -> list[Naming]:
    """Everything that names `record`, each row once; what rules derive is left out, as rules store it anew."""
    found: dict[tuple[Any, int], Naming] = {}
    for model in _models():
        derived = getattr(model, "derived_fields", ())
        for column in model._meta.concrete_fields:
            if column.remote_field and column.related_model is type(record) and column.name not in derived:
                for row in model._base_manager.filter(**{column.name: record}).order_by("pk"):
                    found.setdefault((model, row.pk), Naming(row)).columns.append(column)
        for many in model._meta.many_to_many:
            through: Any = many.remote_field.through
            if many.related_model is type(record) and through._meta.auto_created:
                for row in model._base_manager.filter(**{many.name: record}).order_by("pk"):
                    found.setdefault((model, row.pk), Naming(row)).lists.append(many)
    return list(found.values())


def _models() -> Iterator[Any]:
    """The models that hold records and what is noted of them: neither their versions nor what rules store."""
    for model in apps.get_models():
        is_version = hasattr(model, "history_object") or hasattr(model, "m2m_history_id")
        if not (is_version or getattr(model, "is_derived", False) or model in (Merge, NotTheSame)):
            yield model


def absorb(kept: Any, merged: Any, ledger: Ledger) -> None:
    """Make all that names `merged` name `kept`, and fold what then says the same.

    Raises ValidationError in plain words where a row cannot move, or differs from one that stands.
    """
    for naming in namings(merged):
        with plainly(naming.row):
            _move(naming, kept, merged, ledger)
    _move_notes(kept, merged, ledger)
    ledger.joined.append((kept, merged))


def _move(naming: Naming, kept: Any, merged: Any, ledger: Ledger) -> None:
    row = naming.row
    for column in naming.columns:
        setattr(row, column.name, kept)
    lists = {
        many.name: sorted({kept.pk if pk == merged.pk else pk for pk in ledger.listed(row, many)})
        for many in naming.lists
    }
    twin = next((twin for twin in _twins if isinstance(row, twin.model)), None)
    other = twin.find(row) if twin and naming.columns else None
    was_retracted = isinstance(row, Publishable) and row.state == State.RETRACTED
    if twin is None or other is None or other.pk == row.pk or (was_retracted and twin.may_both_stand):
        ledger.change(row, lists)
    elif not isinstance(row, Publishable):
        ledger.remove(row, words="the kept one has the same")
    elif was_retracted:
        # It says nothing any more: it stays where it was, and lends the other neither words nor what cites it.
        return
    elif problem := _differ(row, other, twin):
        if not twin.may_both_stand:
            raise ValidationError(problem)
        ledger.change(row, lists)
        ledger.notes.append((f"{named(row)} and {named(other)} both stay, and may be one: {problem}", row, other))
    else:
        _fold(row, other, lists, ledger, (None, "", *twin.says_nothing))


def _differ(row: Any, other: Any, twin: Twin) -> str:
    """In words, what keeps two rows of one meaning from being one; empty when nothing does."""
    nothing = (None, "", *twin.says_nothing)
    fields = [
        str(column.verbose_name)
        for column in row._meta.concrete_fields
        if column.editable and not column.primary_key and column.name not in twin.ignoring
        if (mine := getattr(row, column.attname)) not in nothing
        and (theirs := getattr(other, column.attname)) not in nothing
        and mine != theirs
    ]
    if fields:
        return (
            f"{named(other)} stands already, and they differ in {', '.join(fields)}. "
            "Make the two the same, or take one out, first"
        )
    if other.state == State.RETRACTED and row.state != State.RETRACTED:
        return f"{named(other)} says the same and was retracted. Publish that one again, or take this one out, first"
    return ""


def _fold(row: Any, other: Any, lists: dict[str, list[int]], ledger: Ledger, nothing: tuple[Any, ...]) -> None:
    """Two rows that say the same become one: what readers see stays, else what stood before."""
    if row.state == State.PUBLISHED and other.state != State.PUBLISHED:
        survivor, loser = row, other
    else:
        survivor, loser = other, row
        row.refresh_from_db()
    for column in survivor._meta.concrete_fields:
        if column.editable and not column.primary_key and getattr(survivor, column.attname) in nothing:
            setattr(survivor, column.attname, getattr(loser, column.attname))
    absorb(survivor, loser, ledger)
    retire(loser, survivor, ledger)
    union = {many: sorted({*listed, *lists.get(many, [])}) for many, listed in joined_lists(survivor, loser, ledger)}
    if survivor is row:
        ledger.change(survivor, {**lists, **union})
    else:
        ledger.change_if_different(survivor, union)
    ledger.folded.append((survivor, loser))


def joined_lists(kept: Any, merged: Any, ledger: Ledger) -> list[tuple[str, list[int]]]:
    """The many-valued fields of both, put together: an event's quotes, a quote's reasons."""
    return [
        (many.name, sorted({*ledger.listed(kept, many), *ledger.listed(merged, many)}))
        for many in type(kept)._meta.many_to_many
        if many.remote_field.through._meta.auto_created
    ]


def retire(merged: Any, kept: Any, ledger: Ledger, **values: Any) -> None:
    """Take the merged record from the pages; one that readers never saw is removed, its values kept in the ledger."""
    if merged.state not in BEEN_PUBLIC:
        if still := namings(merged):
            listed = "; ".join(named(naming.row) for naming in still)
            raise ValidationError(f"{named(merged)} is still named by {listed}: take it out there first.")
        ledger.remove(merged)
        return
    for name, value in values.items():
        setattr(merged, name, value)
    if merged.state == State.PUBLISHED:
        label = kept.label if isinstance(kept, NumberedRecord) else str(kept)
        merged.state, merged.retraction_reason = State.RETRACTED, f"Merged into {label}."
    ledger.change_if_different(merged, what="folds")


def _move_notes(kept: Any, merged: Any, ledger: Ledger) -> None:
    """What names the merged record as "the record" (rows of imports, notes of reviewers) names the kept one."""
    for model in _models():
        for relation in model._meta.private_fields:
            if not isinstance(relation, GenericForeignKey):
                continue
            about = {relation.ct_field: ContentType.objects.get_for_model(merged), relation.fk_field: merged.pk}
            rows = model._base_manager.filter(**about)
            if model is ProposedChange:
                rows = rows.filter(state=ProposedChange.Decision.WAITING)
            for row in rows.order_by("pk"):
                if model is ProposedChange and "state" in row.difference:
                    # That the merged one should go, or stand again, was never said of the kept one.
                    row.state = ProposedChange.Decision.RETURNED
                    row.note = (
                        f"{named(merged)} was merged into {named(kept)}: if this is true of that, propose it there."
                    )
                else:
                    setattr(row, relation.fk_field, kept.pk)
                ledger.change(row)


class plainly:  # noqa: N801 (read as a word: "with plainly(row)")
    """Names the row that a refusal inside the block is about, since the editor did not open it."""

    def __init__(self, row: Any) -> None:
        self.called = named(row)

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if isinstance(error, ValidationError):
            raise ValidationError([f"{self.called}: {message}" for message in error.messages]) from error
        if isinstance(error, IntegrityError):
            raise ValidationError(f"{self.called} cannot move: something like it stands already.") from error


def in_place_of(kept: Publishable, merged: Publishable) -> tuple[Any, Any]:
    """Which of two stays where nobody says: the one that readers see, else the lower number, else the older."""

    def order(record: Any) -> tuple[Any, ...]:
        return record.state != State.PUBLISHED, record.number is None, record.number or 0, record.pk

    first, second = sorted((kept, merged), key=order)
    return first, second
