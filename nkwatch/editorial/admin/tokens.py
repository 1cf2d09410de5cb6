"""The desk's pages for API tokens: everybody makes and revokes their own, administrators revoke any."""

import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from nkwatch.editorial.admin.base import ViewOnly
from nkwatch.editorial.models import ApiToken, top_kinds
from nkwatch.editorial.models.tokens import DAYS, MOST_DAYS


class TokenForm(forms.ModelForm):
    """What a new token is for, and how long it holds; `owner` is in whose name it writes."""

    owner: ClassVar[Any] = None

    days = forms.IntegerField(
        initial=DAYS,
        min_value=1,
        max_value=MOST_DAYS,
        help_text=f"After so many days it opens nothing; {MOST_DAYS} at most.",
    )

    class Meta:
        model = ApiToken
        fields: ClassVar = ["name", "scope"]
        help_texts: ClassVar = {"scope": "Each may do what those before it may; none of them more than you may."}

    def _post_clean(self) -> None:
        """Complete the token, so that its name is compared with those of its owner's others."""
        super()._post_clean()  # type: ignore[misc]
        self.instance.user = self.owner
        self.instance.expires = timezone.now() + datetime.timedelta(days=self.cleaned_data.get("days", DAYS))
        if not self.errors:
            try:
                self.instance.full_clean(exclude=["digest"])
            except ValidationError as error:
                self.add_error("name", error.messages)


@admin.register(ApiToken)
class ApiTokenAdmin(ViewOnly, admin.ModelAdmin):
    """Tokens by which programs write: the secret is shown once, when it is made."""

    form = TokenForm
    list_display = ("name", "holds", "user", "scope", "expires", "last_used", "revoked", "made")
    list_filter = ("scope",)
    list_select_related = ("user",)
    search_fields = ("name", "user__username")
    show_full_result_count = False
    actions = ("revoke",)

    @admin.display(boolean=True, description="holds")
    def holds(self, token: ApiToken) -> bool:
        return token.is_valid

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        """One's own; administrators, who open and close accounts, see all."""
        found = super().get_queryset(request)
        return found if request.user.has_perm("auth.change_user") else found.filter(user=request.user.pk)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ["name", "scope", "days"] if obj is None else list(self.list_display)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.owner = request.user
        return form

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Those who have any part in the record."""
        return any(request.user.has_perm(f"{m._meta.app_label}.view_{m._meta.model_name}") for m in top_kinds())

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Without the buttons that lead on from a saved record: what follows is the page that shows the secret."""
        buttons = {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().add_view(request, form_url, {**(extra_context or {}), **buttons})

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        request.secret = obj.give_secret()
        super().save_model(request, obj, form, change)

    def response_add(self, request: Any, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        """The page that shows the secret: in its answer and nowhere else, so that going back does not show it."""
        context = {
            **self.admin_site.each_context(request),
            "title": f"The token “{obj}”",
            "opts": self.opts,
            "token": obj,
            "secret": request.secret,
        }
        return TemplateResponse(request, "admin/token_made.html", context)

    @admin.action(description="Revoke", permissions=["view"])
    def revoke(self, request: HttpRequest, queryset: models.QuerySet) -> None:
        for token in queryset:
            token.revoke()
            self.message_user(request, f"“{token}” of {token.user} opens nothing any more.", messages.SUCCESS)
