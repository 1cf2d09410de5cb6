"""The reader's door: /suggest/?about=M-0017 (pages.md, Changes: who told us)."""

import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.generic import FormView, TemplateView

from nkwatch.editorial.public.pages import PublicPage
from nkwatch.editorial.versions import changing
from nkwatch.site.errors import too_many_requests
from nkwatch.site.records import record_seen
from nkwatch.site.suggesting import throttle
from nkwatch.site.suggesting.forms import SuggestionForm

READER = "reader"
"""The door by which a suggestion comes in; no version of a record ever names it."""


class Suggest(PublicPage, FormView):
    """The form; what it takes waits on the desk."""

    template_name = "site/suggest.html"
    form_class = SuggestionForm

    def get_initial(self) -> dict[str, Any]:
        asked = self.request.GET
        record = record_seen(asked.get("about", ""))
        return {"about": record.label if record else "", "url": asked.get("url", "")[:2_000]}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.get_form()
        if not form.is_valid():
            return self.form_invalid(form)
        if seconds := throttle.seconds_to_wait(request):
            return self._refused(form, seconds)
        throttle.count(request)
        if not form.is_from_a_machine:
            with changing(door=READER):
                form.save()
        return HttpResponseRedirect(reverse("suggested") + self.asof.carry())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {"again_at": None, "record": record_seen(context["form"]["about"].value() or "")} | context

    def _refused(self, form: SuggestionForm, seconds: int) -> HttpResponse:
        """Too many at once: the page says when to try again, and keeps what was typed."""
        again_at = timezone.now() + datetime.timedelta(seconds=seconds)
        typed = self.get_context_data(form=form, again_at=again_at, most=throttle.most())
        return too_many_requests(self.request, seconds, self.template_name, typed)


class Suggested(PublicPage, TemplateView):
    """Thanks, and what happens next."""

    template_name = "site/suggested.html"
