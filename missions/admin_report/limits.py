"""What was sent may be more than the server takes: that is said in words, as any other refusal."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

TOO_LARGE = 413


def within_limits(page: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer in words where Django would give a bare 400, for more than it takes of a form's data.

    The check against forged forms reads what was sent, so that it has to wait until that could be read.
    """
    checked: Any = csrf_protect(page)

    @csrf_exempt
    @wraps(page)
    def answered(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            request.POST  # noqa: B018
        except (RequestDataTooBig, TooManyFieldsSent):
            context = {**admin.site.each_context(request), "title": "This report is too large"}
            return TemplateResponse(request, "admin/report/too_large.html", context, status=TOO_LARGE)
        return checked(request, **kwargs)

    return answered
