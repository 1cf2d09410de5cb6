"""Merging one record into another of its kind, as the desk does it (domain.md, rule 6)."""

from typing import Any

from django.core.exceptions import ValidationError
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from nkwatch.editorial.api import preconditions
from nkwatch.editorial.api.desk_form import RecordField, StrictFields
from nkwatch.editorial.api.steps import LONGEST_TAG, StepsViewSet
from nkwatch.editorial.api.tokens import require, require_permission
from nkwatch.editorial.api.writes import Scope, desk_answer, refusals
from nkwatch.editorial.merging import merges
from nkwatch.editorial.models import Merge


class MergeIntoSerializer(StrictFields, serializers.Serializer):
    """Into which record this one is merged, and why. The view narrows `into` to records of its kind."""

    into = serializers.CharField(max_length=40, help_text="The number of the record that stays.")
    into_version = serializers.CharField(max_length=LONGEST_TAG, help_text="The ETag of the record that stays.")
    reason = serializers.CharField(max_length=200, help_text="Why the two are one, in a sentence.")
    take = serializers.ListField(
        child=serializers.CharField(max_length=40),
        required=False,
        max_length=50,
        help_text="Fields in which the record that stays takes this one's value.",
    )


class MergingViewSet(StepsViewSet):
    """A kind of record of which two may turn out to be one."""

    @action(detail=True, methods=["post"], serializer_class=MergeIntoSerializer)
    def merge(self, request: Any, **kwargs: Any) -> Response:
        """Merge the record into another of its kind, whose desk form is answered. 202 where it waits for a reviewer."""
        require(request, Scope.DRAFT)
        require_permission(request, "change", self.model)
        asked = self.read_body(MergeIntoSerializer)
        into = RecordField(queryset=self.model._base_manager.all())
        into.bind("into", self.get_serializer())
        try:
            kept = into.run_validation(asked["into"])
        except serializers.ValidationError as error:
            raise serializers.ValidationError({"into": error.detail}) from error
        with self.changed() as record, refusals():
            if kept.pk == record.pk:
                raise ValidationError("A record is not merged with itself.")
            preconditions.check_seen(kept, [asked["into_version"].strip('"')])
            unknown = set(asked.get("take", ())) - set(merges.kind_of(record).fields)
            if unknown:
                raise serializers.ValidationError({"take": [f"No field to take: {', '.join(sorted(unknown))}."]})
            done = merges.merge(kept, record, request.user, asked["reason"], asked.get("take", ()))
            return desk_answer(request, kept, status=202 if done.state == Merge.State.WAITING else 200)
