"""POST /api/v1/reports/: one report in one call, all of it or nothing, once however often it is sent."""

import hashlib
import json
from typing import Any, ClassVar

from django.db import transaction
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.exceptions import APIException, PermissionDenied
from rest_framework.exceptions import ValidationError as InvalidData
from rest_framework.response import Response
from rest_framework.views import APIView

from missions.api_reports.answer import ReportAnswerSerializer, answer
from missions.api_reports.form import ReportSerializer, as_form, told_errors
from missions.report_desk.effects import effects_of
from missions.report_desk.forms import ReportForms
from missions.report_desk.report import RefusedReportError
from missions.report_desk.submission import PERMISSIONS, submit_report
from nkwatch.editorial.api.tokens import require
from nkwatch.editorial.api.views import StrictParameters
from nkwatch.editorial.api.writes import PRIVATE, Scope
from nkwatch.editorial.locks import one_import_at_a_time
from nkwatch.editorial.models import KeptAnswer
from nkwatch.editorial.versions import Door, changing

KEY = "Idempotency-Key"
LONGEST_KEY = KeptAnswer._meta.get_field("key").max_length or 0
REPLAYED = "Idempotent-Replayed"


class KeyUsedBefore(APIException):
    """The key was sent with another report."""

    status_code = 422
    default_code = "key_used_before"
    default_detail = f"This {KEY} was sent with another report: give each report a key of its own."


DRY_RUN = OpenApiParameter("dry_run", enum=["1"], description="Say what would happen, and write nothing.")
IDEMPOTENCY_KEY = OpenApiParameter(
    KEY,
    {"type": "string", "maxLength": LONGEST_KEY},
    OpenApiParameter.HEADER,
    description="Sent again within a week with the same key, a report is answered as the first time.",
    examples=[OpenApiExample("A key of one's own", value="report-2023-11-01-spain")],
)


class ReportsView(StrictParameters, APIView):
    """Reports, whole."""

    http_method_names = ("options", "post")
    parameters = ("dry_run",)
    tag = "reports"
    examples: ClassVar[dict[str, Any]] = {"dry_run": "1"}
    bodies: ClassVar[dict[str, Any]] = {
        "post": {
            "source": {
                "title": "Envoys leave Madrid",
                "outlet": "new-1",
                "authors": ["new-2"],
                "issued": "2023-11-08",
                "language": "en",
                "source_url": "https://iberian.example/envoys-leave",
            },
            "pasted": "The gates of the villa in Madrid were locked for good on Wednesday. "
            "“There was no money left for the heating,” said a former diplomat. "
            "A note had told a small friendly party of it in October.",
            "actors": [
                {"name": "Iberian Post", "kind": "organisation", "capacity": "newspaper", "country": "ES"},
                {"name": "Ana Ruiz", "part_of": "new-1"},
            ],
            "relies": [{"described_as": "A note to a small friendly party", "issued": "2023-10", "label": "a note"}],
            "events": [
                {
                    "mission": "M-0003",
                    "stage": "closed",
                    "date": "2023-11-08",
                    "date_worded": "on Wednesday",
                    "excerpt": "The gates of the villa in Madrid were locked for good on Wednesday.",
                    "basis": "own-reporting",
                },
                {
                    "mission": "Spain",
                    "stage": "notified",
                    "date": "2023-10",
                    "excerpt": "A note had told a small friendly party of it in October.",
                    "attributed_to_source": "relies-1",
                },
            ],
            "quotes": [
                {
                    "excerpt": "There was no money left for the heating,",
                    "text": "There was no money left for the heating",
                    "speaker": "A-0057",
                    "said_on": "2023-11-08",
                    "reasons": ["financial-hardship"],
                    "explains": ["event-1"],
                    "attributed_to_actor": "A-0057",
                }
            ],
            "figures": [{"metric": "missions-abroad", "worded": "about forty-five", "as_of": "2023-11"}],
            "submit": True,
        }
    }

    def body(self) -> Any:
        return ReportSerializer

    def answers(self) -> dict[int, Any]:
        return dict.fromkeys((200, 201), ReportAnswerSerializer)

    def leads_to(self) -> dict[str, dict[str, str]]:
        """From a report to its source at the desk, which comes first of its parts (OpenAPI)."""
        return {"desk_sources_retrieve": {"key": "$response.body#/parts/0/record/number"}}

    def error_statuses(self) -> tuple[str, ...]:
        return ("400", "403", "405", "415", "422")

    @extend_schema(operation_id="reports_create", parameters=[DRY_RUN, IDEMPOTENCY_KEY])
    def post(self, request: Any) -> Response:
        """Add a report: its source, what it relies on, its events, quotes and figures, each matched or made.

        201 where anything was written, 200 where all of it stands already, or in a dry run.
        """
        require(request, Scope.DRAFT)
        if not request.user.has_perms(PERMISSIONS):
            raise PermissionDenied("You may not add reports.")
        is_dry_run = self._is_dry_run(request)
        sent = ReportSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        key = self._key(request)
        with changing(door=Door.API, user=request.user, token=request.auth.name), transaction.atomic():
            one_import_at_a_time()
            keeps = key and not is_dry_run
            if keeps and (kept := self._kept(request, key)):
                return kept
            status, told = self._write(request, dict(sent.validated_data), is_dry_run)
            if keeps:
                KeptAnswer.objects.create(
                    user=request.user, key=key, digest=_digest(request), status=status, answer=told
                )
        return Response(told, status=status, headers={"Cache-Control": PRIVATE})

    def _write(self, request: Any, data: dict[str, Any], is_dry_run: bool) -> tuple[int, dict[str, Any]]:
        forms = ReportForms(as_form(data, request), user=request.user)
        if not forms.is_valid():
            raise InvalidData(told_errors(forms))
        report = forms.report()
        effects = effects_of(report, request.user)
        try:
            if effects.problems:
                raise RefusedReportError(list(effects.problems))
            submitted = None
            if not is_dry_run:
                submitted = submit_report(report, user=request.user, submit=data["submit"], door=Door.API)
        except RefusedReportError as refused:
            forms.add_problems(refused.problems)
            raise InvalidData(told_errors(forms)) from refused
        told = answer(effects.cards, effects.unknown, submitted, request)
        return 201 if told["written"] else 200, told

    def _is_dry_run(self, request: Any) -> bool:
        asked = request.query_params.get("dry_run")
        if asked not in (None, "1"):
            raise InvalidData({"dry_run": f"“{asked}” is not accepted: give 1, or leave it out."})
        return asked == "1"

    def _key(self, request: Any) -> str:
        key: str = request.headers.get(KEY, "").strip()
        if len(key) > LONGEST_KEY or not key.isprintable():
            raise InvalidData({KEY: f"The key has at most {LONGEST_KEY} characters, all of which can be seen."})
        return key

    def _kept(self, request: Any, key: str) -> Response | None:
        KeptAnswer.forget_old()
        kept = KeptAnswer.objects.filter(user=request.user, key=key).first()
        if kept is None:
            return None
        if kept.digest != _digest(request):
            raise KeyUsedBefore
        return Response(kept.answer, status=kept.status, headers={"Cache-Control": PRIVATE, REPLAYED: "true"})


def _digest(request: Any) -> str:
    return hashlib.sha256(json.dumps(request.data, sort_keys=True).encode(errors="surrogatepass")).hexdigest()
