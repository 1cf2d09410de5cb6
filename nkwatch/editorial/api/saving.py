"""Writing a record with its parts, by the rules of every door (domain.md, rules 6 to 8): all of it or nothing."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models, transaction
from rest_framework.exceptions import APIException, PermissionDenied
from rest_framework.exceptions import ValidationError as InvalidData
from rest_framework.settings import api_settings

from nkwatch.editorial import editing
from nkwatch.editorial.admin.forms import ASKED_WHY
from nkwatch.editorial.desk import BEEN_PUBLIC, named
from nkwatch.editorial.models import NumberedRecord
from nkwatch.editorial.proposals import difference, store_in_one_version
from nkwatch.editorial.versions import changing

STANDS = "The same stands already: look it up, and go on from there."

Same = Callable[[Any, Mapping[str, Any]], Any]
"""Given a record that is to be made and the parts sent with it: the record that it is already, by rule 6; or None."""


class StandsAlready(APIException):
    """The record stands already (domain.md, rule 6): cite or change that one."""

    status_code = 409
    default_code = "stands_already"


class Refused(APIException):
    """What is asked for cannot be done to the record as it stands."""

    status_code = 409
    default_code = "refused"


def create(model: Any, data: dict[str, Any], user: Any, same: Same) -> Any:
    """A new draft with its parts. Raises InvalidData by field, StandsAlready for what is on record."""
    values, parts = _divided(model, data)
    reason = values.pop("reason", "").strip()
    lists = {name: values.pop(name) for name in list(values) if model._meta.get_field(name).many_to_many}
    record = model(**values)
    with _told(model), transaction.atomic(), changing(reason=reason):
        _clean_fields(record)
        if (known := same(record, parts)) is not None:
            label = known.label if isinstance(known, NumberedRecord) else str(known)
            raise StandsAlready(f"It stands already: {label}, “{known}”. Cite it, or change it, instead.")
        store_in_one_version(record, lists)
        for name, rows in parts.items():
            for place, row in enumerate(rows):
                with _told(model, name, place):
                    _add_part(record, name, row, user)
    return record


def change(record: Any, data: dict[str, Any], user: Any) -> bool:
    """Change a record and the parts sent with it; whether any of it waits for a reviewer.

    What readers see is changed for a reason, which is kept. Raises InvalidData by field.
    """
    values, parts = _divided(type(record), data)
    reason = values.pop("reason", "").strip()
    waits = []
    with transaction.atomic(), changing(reason=reason):
        with _told(type(record)):
            waits.append(_edit(record, values, user, reason))
        for name, rows in parts.items():
            for place, row in enumerate(rows):
                with _told(type(record), name, place):
                    waits.append(_change_part(record, name, row, user, reason))
    return any(waits)


def _edit(record: Any, values: dict[str, Any], user: Any, reason: str) -> bool:
    if record.state in BEEN_PUBLIC and not reason and difference(record, values):
        raise ValidationError({"reason": ASKED_WHY})
    return editing.edit(record, values, user, reason).waits


def _change_part(record: Any, name: str, data: dict[str, Any], user: Any, reason: str) -> bool:
    if "id" not in data:
        _add_part(record, name, data, user)
        return False
    relation = record._meta.get_field(name)
    part = relation.related_model._base_manager.filter(**{relation.field.name: record}, pk=data["id"]).first()
    if part is None:
        raise ValidationError({"id": f"{named(record)} has no such part: leave the id out to add one."})
    if data.get("remove"):
        _refuse_without(user, "delete", part)
        part.delete()
        return False
    values, parts = _divided(type(part), data)
    _refuse_without(user, "change", part)
    waits = [_edit(part, values, user, reason)]
    for inner, rows in parts.items():
        for place, row in enumerate(rows):
            with _told(type(part), inner, place):
                waits.append(_change_part(part, inner, row, user, reason))
    return any(waits)


def _add_part(record: Any, name: str, data: dict[str, Any], user: Any) -> None:
    relation = record._meta.get_field(name)
    if "id" in data or data.get("remove"):
        raise ValidationError({"id": "Only a part that stands has one: leave id and remove out."})
    values, parts = _divided(relation.related_model, data)
    part = relation.related_model(**{relation.field.name: record}, **values)
    _refuse_without(user, "add", part)
    _clean_fields(part)
    part.save()
    for inner, rows in parts.items():
        for place, row in enumerate(rows):
            with _told(type(part), inner, place):
                _add_part(part, inner, row, user)


def _divided(model: Any, data: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """What was sent, as the record's own values, and its parts by relation."""
    parts = {name: data[name] for name in model.parts if name in data}
    return {name: value for name, value in data.items() if name not in (*parts, "id", "remove")}, parts


def _clean_fields(record: Any) -> None:
    """Refuse missing and wrong values before rules look at the whole, which take the values for granted."""
    record.clean_fields()


def _refuse_without(user: Any, verb: str, record: models.Model) -> None:
    if not user.has_perm(f"{record._meta.app_label}.{verb}_{record._meta.model_name}"):
        raise PermissionDenied(f"You may not {verb} {record._meta.verbose_name_plural}.")


@contextlib.contextmanager
def _told(model: Any, name: str = "", place: int = 0) -> Iterator[None]:
    """Say what the rules refuse of `model` by field; or of the part at `place` of its relation `name`."""
    detail: Any
    try:
        yield
        return
    except ValidationError as error:
        detail = told_by_field(error, model._meta.get_field(name).related_model if name else model)
    except IntegrityError:
        detail = {api_settings.NON_FIELD_ERRORS_KEY: [STANDS]}
    except InvalidData as error:
        detail = error.detail
    raise InvalidData({model.api_names.get(name, name): {str(place): detail}} if name else detail)


def told_by_field(error: ValidationError, model: Any) -> dict[str, list[str]]:
    """What a rule refuses of a kind of record, by field, as the API says it."""
    if not hasattr(error, "error_dict"):
        return {api_settings.NON_FIELD_ERRORS_KEY: error.messages}
    names = {NON_FIELD_ERRORS: api_settings.NON_FIELD_ERRORS_KEY, **model.api_names}
    return {names.get(at, at): messages for at, messages in error.message_dict.items()}
