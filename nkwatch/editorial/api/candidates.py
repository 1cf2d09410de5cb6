"""Records named in an answer as far as the caller may see them: what is public to anybody, the rest to tokens."""

from typing import Any

from rest_framework import serializers
from rest_framework.views import APIView

from nkwatch.editorial.api.desk_form import desk_address
from nkwatch.editorial.api.serializers import api_address, key_of
from nkwatch.editorial.api.tokens import may_see_the_desk
from nkwatch.editorial.api.views import READ_METHODS, StrictParameters, Unchanging
from nkwatch.editorial.api.writes import PRIVATE
from nkwatch.editorial.models import Publishable, State


class CandidateSerializer(serializers.Serializer):
    """A record that may be meant."""

    number = serializers.CharField()
    name = serializers.CharField()
    hint = serializers.CharField(allow_blank=True, help_text="What tells namesakes apart.")
    state = serializers.ChoiceField(choices=State.choices, allow_null=True, help_text="Null for a country.")
    url = serializers.URLField()


def candidate(record: Any, request: Any, hint: str = "") -> dict[str, Any]:
    """A record as an answer names it; one that readers do not see by where the desk reads it."""
    is_public = not isinstance(record, Publishable) or record.is_public
    address = api_address(record, request) if is_public else desk_address(record, request)
    state = getattr(record, "state", None)
    return {"number": key_of(record), "name": str(record), "hint": hint, "state": state, "url": address}


class AskView(StrictParameters, Unchanging, APIView):
    """Something asked by anybody; a token is told of drafts as well."""

    http_method_names = READ_METHODS
    tag = "find"

    def error_statuses(self) -> tuple[str, ...]:
        return ("400", "405")

    def seen(self, model: Any) -> Any:
        """The records of a kind that the caller may see; of those that were retracted none."""
        if not issubclass(model, Publishable):
            return model._default_manager.all()
        if may_see_the_desk(self.request, model):
            return model.objects.not_retracted()
        return model.objects.public()

    def told(self, model: Any) -> Any:
        """As `seen`, with those of the records around each that the caller may see as well."""
        found = self.seen(model)
        if not issubclass(model, Publishable) or may_see_the_desk(self.request, model):
            return found
        return found.with_public_associations()

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().dispatch(request, *args, **kwargs)
        if getattr(self.request, "auth", None):
            response["Cache-Control"] = PRIVATE
        return response


__all__ = ["AskView", "CandidateSerializer", "candidate"]
