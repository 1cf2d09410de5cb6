"""What is done from a list of records: submit, withdraw, publish, return, retract (domain.md, rule 8)."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from nkwatch.editorial import desk, proposals
from nkwatch.editorial.admin.forms import ReasonForm
from nkwatch.editorial.admin.versions import VersionedAdmin
from nkwatch.editorial.models import ProposedChange, Publishable, State
from nkwatch.editorial.review import effects


class PublishingActions(VersionedAdmin):
    """The steps of a record from draft to retracted, for a selection: each record is decided on alone."""

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return desk.may_publish(request.user, self.model)

    def missing_once_public(self, record: Any) -> str:
        """What a record lacks that can be known only once its parts are published; subclasses say."""
        return ""

    @admin.action(description="Submit for review", permissions=["change"])
    def submit(self, request: HttpRequest, queryset: models.QuerySet) -> None:
        self._each(request, queryset, desk.submit_with_parts, "submitted for review")

    @admin.action(description="Withdraw (what you handed in)", permissions=["change"])
    def withdraw(self, request: HttpRequest, queryset: models.QuerySet) -> None:
        self._each(request, queryset, lambda record: desk.withdraw_with_parts(record, request.user), "withdrawn")

    @admin.action(description="Publish", permissions=["publish"])
    def publish(self, request: Any, queryset: models.QuerySet) -> None:
        def publish(record: Any) -> list[str]:
            if record.state == State.RETRACTED and proposals.must_propose(record, request.user):
                return _told(record, proposals.propose_publishing_again(record, request.user))
            may = not desk.refuse_with_parts(record, request.user)
            if several and may and (problem := effects.refuse_publishing_with_others(record)):
                raise ValidationError(
                    f"{desk.named(record)} was not published with the others: {problem}. "
                    "Publish it alone, or approve it in the review queue."
                )
            notes = desk.publish_with_parts(record, request.user, self.missing_once_public)
            published.append(record)
            return notes

        several = queryset.count() > 1
        published: list[Any] = []
        self._each(request, queryset, publish, "published", published)

    @admin.action(description="Return to draft", permissions=["publish"])
    def return_to_draft(self, request: HttpRequest, queryset: models.QuerySet) -> HttpResponse | None:
        def hand_back(record: Any) -> list[str]:
            return desk.return_with_parts(record, request.user, form.cleaned_data["words"])

        form = asked_words(request, "Note to the author", "What is missing or wrong, and what would be accepted.")
        if form.is_valid():
            self._each(request, queryset, hand_back, "returned to draft")
            return None
        return ask_for_words(self, request, queryset, "return_to_draft", "Return to draft", form)

    @admin.action(description="Retract", permissions=["publish"])
    def retract(self, request: Any, queryset: models.QuerySet) -> HttpResponse | None:
        def retract(record: Any) -> list[str]:
            if proposals.must_propose(record, request.user) and record.state == State.PUBLISHED:
                reason = form.cleaned_data["words"]
                return _told(record, proposals.propose_retraction(record, request.user, reason))
            if several and (problem := effects.refuse_retracting_with_others(record)):
                raise ValidationError(
                    f"{desk.named(record)} was not retracted with the others: {problem}. Retract it alone."
                )
            desk.retract(record, form.cleaned_data["words"])
            return [f"{desk.named(record)} was retracted."]

        several = queryset.count() > 1
        form = asked_words(request, "Reason that readers are told", "They see it in place of the record, for good.")
        if form.is_valid():
            self._each(request, queryset, retract, "")
            return None
        return ask_for_words(self, request, queryset, "retract", "Retract", form)

    def _each(
        self,
        request: HttpRequest,
        queryset: Any,
        act: Callable[[Any], list[str]],
        done: str,
        did: list[Any] | None = None,
    ) -> None:
        """Do one thing to each record, alone: one that is refused says why and holds nobody up.

        `did` is where `act` notes what it did, when that is less than what it was not refused.

        A record may wait for another of the same selection (a ministry for its government), so
        those refused are asked again as long as any other went through.
        """
        waiting, went = list(queryset.values_list("pk", flat=True)), 0
        refused: list[str] = []
        progress = True
        while waiting and progress:
            left, refused = [], []
            for pk in waiting:
                try:
                    notes = act(self.model._base_manager.get(pk=pk))
                except ValidationError as error:
                    left.append(pk)
                    refused.extend(error.messages)
                else:
                    for note in notes:
                        self.message_user(request, note, messages.WARNING)
            progress = len(left) < len(waiting)
            went += len(waiting) - len(left)
            waiting = left
        went = went if did is None else len(did)
        for message in refused:
            self.message_user(request, message, messages.ERROR)
        if went and done:
            what = self.opts.verbose_name if went == 1 else self.opts.verbose_name_plural
            self.message_user(request, f"{went} {what} {done}.", messages.SUCCESS)


def ask_for_words(
    model_admin: admin.ModelAdmin, request: HttpRequest, queryset: Any, action: str, title: str, form: ReasonForm
) -> HttpResponse:
    """The page between an action and its effect, where the words that go with it are given."""
    context = {
        **model_admin.admin_site.each_context(request),
        "title": title,
        "opts": model_admin.opts,
        "records": list(queryset),
        "action": action,
        "form": form,
    }
    request.current_app = model_admin.admin_site.name
    return TemplateResponse(request, "admin/give_words.html", context)


def asked_words(request: HttpRequest, label: str, help_text: str) -> ReasonForm:
    data = request.POST if "words" in request.POST else None
    return ReasonForm(data, label=label, help_text=help_text)


def _told(record: Publishable, proposed: ProposedChange | None) -> list[str]:
    if proposed is None:
        return [f"{desk.named(record)}: the same is proposed already, and waits for a reviewer."]
    return [proposals.waiting_for_approval([proposed])]
