"""The steps of a record from draft to retracted, as the desk takes them (domain.md, rule 8)."""

from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import ValidationError
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from nkwatch.editorial import desk, proposals
from nkwatch.editorial.api import preconditions
from nkwatch.editorial.api.desk_form import StrictFields, desk_serializer, note_waiting
from nkwatch.editorial.api.saving import Refused
from nkwatch.editorial.api.tokens import require, require_permission
from nkwatch.editorial.api.writes import VERSION, Scope, WritableViewSet, desk_answer, refusals
from nkwatch.editorial.merging import merges
from nkwatch.editorial.models import Merge, ProposedChange, State
from nkwatch.editorial.review import decisions
from nkwatch.editorial.review.queue import CHANGE, find

WRITES = ("create", "partial_update")
MAY_WAIT = ("retract", "merge")
NEXT = {
    "create": ("update", "submit"),
    "partial_update": ("submit",),
    "submit": ("withdraw", "approve", "return"),
    "withdraw": ("update", "submit"),
    "approve": ("retract", "update"),
    "hand_back": ("update", "submit"),
    "retract": ("approve", "return"),
}
"""What a record goes on to from each step, by the names that operations have in the description."""
ID = {"min_value": 1, "max_value": 2**63 - 1}
LONGEST_TAG = 400


class NothingSerializer(StrictFields, serializers.Serializer):
    """A step that needs no more words."""


class WithdrawalSerializer(StrictFields, serializers.Serializer):
    """What is taken back: a change or a merge by its id; nothing, the record itself with its parts in review."""

    change = serializers.IntegerField(required=False, **ID, help_text="A proposed change, by its id under `waiting`.")
    merge = serializers.IntegerField(required=False, **ID, help_text="A proposed merge, by its id under `waiting`.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs.keys() & {"change", "merge"}) > 1:
            raise serializers.ValidationError("Name one thing: a change or a merge.")
        return attrs


class DecisionSerializer(WithdrawalSerializer):
    """What is decided on: a change or a merge by its id; nothing, the record itself with its parts in review."""

    other_version = serializers.CharField(
        required=False, max_length=LONGEST_TAG, help_text="With `merge`: the ETag of the other of the two records."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "other_version" in attrs and "merge" not in attrs:
            raise serializers.ValidationError({"other_version": "Only a merge is of two records."})
        return super().validate(attrs)


class ReturnSerializer(DecisionSerializer):
    """What is returned, and why."""

    note = serializers.CharField(max_length=2_000, help_text="What is missing or wrong, and what would be accepted.")


class RetractionSerializer(StrictFields, serializers.Serializer):
    """Why a record is retracted."""

    reason = serializers.CharField(max_length=2_000, help_text="Readers are told it in place of the record.")


class StepsViewSet(WritableViewSet):
    """A kind of record that goes through the desk."""

    bodies: ClassVar[dict[str, Any]] = {
        "submit": {},
        "withdraw": {},
        "approve": {},
        "hand_back": {"note": "Which page of the copy is it on? Give it as the locator."},
        "retract": {"reason": "The source was read wrongly: it does not say this."},
    }

    def body(self) -> Any:
        return super().body() if self.action in WRITES else self.get_serializer_class()

    def answers(self) -> dict[int, Any]:
        if self.action in WRITES:
            return super().answers()
        return dict.fromkeys((200, 202) if self.action in MAY_WAIT else (200,), desk_serializer(self.model))

    def leads_to(self) -> dict[str, dict[str, str]]:
        """Each step, to those that come next, made for the version that was answered."""
        here = {self.lookup_field: "$response.body#/number", **VERSION}
        steps = {f"{self.resource}_{step}": here for step in NEXT.get(self.action, ())}
        return {**super().leads_to(), **steps}

    @action(detail=True, methods=["post"], serializer_class=NothingSerializer)
    def submit(self, request: Any, **kwargs: Any) -> Response:
        """Hand in a draft with its draft parts; of a public record, its new parts."""
        self._asked("change")
        return self._step(lambda record: desk.submit_with_parts(record))

    @action(detail=True, methods=["post"], serializer_class=WithdrawalSerializer)
    def withdraw(self, request: Any, **kwargs: Any) -> Response:
        """Take back what one handed in, or a change or merge that one proposed, oneself."""
        asked = self._asked("change")

        def take_back(record: Any) -> None:
            waiting = self._waiting(record, asked)
            if isinstance(waiting, Merge):
                merges.withdraw(waiting, request.user)
            elif waiting:
                proposals.withdraw(waiting, request.user)
            else:
                desk.withdraw_with_parts(record, request.user)

        return self._step(take_back)

    @action(detail=True, methods=["post"], serializer_class=DecisionSerializer)
    def approve(self, request: Any, **kwargs: Any) -> Response:
        """Publish what is in review, or let a proposed change or merge come true: of a status, that of another."""
        asked = self._asked("publish")

        def decide(record: Any) -> Any:
            waiting = self._waiting(record, asked)
            if isinstance(waiting, Merge):
                self._check_other(waiting, record, asked)
                merges.confirm(waiting, request.user)
                return waiting.kept
            key = f"{CHANGE}-{waiting.pk}" if waiting else f"{record._meta.model_name}-{record.pk}"
            row = find(key, request.user)
            if row is None:
                raise ValidationError(f"Nothing of {desk.named(record)} waits for a reviewer.")
            missing = admin.site._registry[type(row.record)].missing_once_public  # type: ignore[attr-defined]
            decisions.approve(key, request.user, row.seen, missing)
            return None

        return self._step(decide)

    @action(detail=True, methods=["post"], url_path="return", serializer_class=ReturnSerializer)
    def hand_back(self, request: Any, **kwargs: Any) -> Response:
        """Return what is in review, or a proposed change or merge, to its author with a note."""
        asked = self._asked("publish")

        def decide(record: Any) -> None:
            waiting = self._waiting(record, asked)
            if isinstance(waiting, Merge):
                merges.return_(waiting, request.user, asked["note"])
                return
            key = f"{CHANGE}-{waiting.pk}" if waiting else f"{record._meta.model_name}-{record.pk}"
            decisions.hand_back(key, request.user, asked["note"])

        return self._step(decide)

    @action(detail=True, methods=["post"], serializer_class=RetractionSerializer)
    def retract(self, request: Any, **kwargs: Any) -> Response:
        """Propose that readers no longer see the record, and are told why. A reviewer approves it."""
        asked = self._asked("publish")

        def propose(record: Any) -> bool:
            if record.state != State.PUBLISHED:
                raise ValidationError(
                    f"{desk.named(record)} is {record.get_state_display()}: only what readers see is."
                )
            proposals.propose_retraction(record, request.user, asked["reason"])
            return True

        return self._step(propose)

    def _asked(self, verb: str) -> dict[str, Any]:
        """What was sent, by somebody who may do such things to records of this kind."""
        require(self.request, Scope.PUBLISH if verb == "publish" else Scope.DRAFT)
        require_permission(self.request, verb, self.model)
        return self.read_body(self.get_serializer_class())

    def _step(self, take: Any) -> Response:
        """Take one step with the record in the address; answer with it as it is now, or with what `take` tells."""
        with self.changed() as record, refusals():
            told = take(record)
            answered = told if isinstance(told, type(record)) else record
            return desk_answer(self.request, answered, status=202 if told is True else 200)

    def _check_other(self, merge: Merge, record: Any, asked: dict[str, Any]) -> None:
        other = self.model._base_manager.get(pk=merge.merged_id if record.pk == merge.kept_id else merge.kept_id)
        if "other_version" not in asked:
            raise serializers.ValidationError({"other_version": [f"Give the ETag of {desk.named(other)}."]})
        preconditions.check_seen(other, [asked["other_version"].strip('"')])

    def _waiting(self, record: Any, asked: dict[str, Any]) -> ProposedChange | Merge | None:
        """The change or merge that is decided on; None for what is in review of the record itself."""
        note_waiting([record])
        waits = {(row["kind"], row["id"]) for row in record.waits}
        wanted = {(kind, asked[kind]) for kind in ("change", "merge") if kind in asked}
        if not wanted and waits and not desk.in_review(record):
            # The version does not tell what waits: somebody may have proposed something else since it was read.
            named = ", ".join(f"{kind} {pk}" for kind, pk in sorted(waits))
            raise ValidationError(f"Name what you mean ({named}).")
        if not wanted:
            return None
        if not wanted <= waits:
            raise Refused(f"No such change or merge of {desk.named(record)} waits for a reviewer.")
        [(kind, pk)] = wanted
        return (ProposedChange if kind == "change" else Merge).objects.get(pk=pk)
