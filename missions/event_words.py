"""The words that sheets use for stages, countries and kinds of mission (event-sheet.md)."""

import functools
from collections.abc import Callable

from django.core.exceptions import ValidationError

from missions.models import MissionKind, Stage
from nkwatch.editorial.text import fold, split_list
from sources.models import Country

# Words that reports and editors use for each stage, besides its value (event-sheet.md, `event`).
STAGE_WORDS = {
    Stage.CLOSED: "closure; shut; shut down; shuttered; withdrawn; closed down; 폐쇄; 철수; 철수 완료",
    Stage.UNDER_WAY: "withdrawal; withdrawing; closing; in process; 철수 중",
    Stage.REPORTED: "to close; planned closure; 폐쇄 보도",
    Stage.NOTIFIED: "notification; note; 통보",
    Stage.ANNOUNCED: "announcement; announced closure; 발표",
    Stage.HOST_CONFIRMED: "host confirmation; confirmed by host; 확인",
    Stage.FAREWELL: "farewell visit; farewell call; 이임 인사; 작별 인사",
    Stage.OPENED: "opening; established; 개설",
    Stage.REOPENED: "reopening; 재개설; 재개",
    Stage.SEEN_OPEN: "open; operating; 운영",
    Stage.SUSPENDED: "suspension; 중단",
    Stage.PLAN_REVERSED: "reversed; closure cancelled; 철회",
    Stage.DUTIES_TRANSFERRED: "duties transfer; transfer of duties; 업무 이관",
    Stage.DOWNGRADED: "downgrade; 격하",
    Stage.UPGRADED: "upgrade; 격상",
}
STAGES = {fold(word): stage for stage, words in STAGE_WORDS.items() for word in [stage.value, *split_list(words)]}
KINDS = {fold(word): kind for kind in MissionKind for word in (kind.value, kind.label)}
AMBIGUOUS_COUNTRIES = {
    fold("Congo"): "DR Congo or Republic of the Congo",
    fold("Korea"): "North Korea or South Korea",
}


@functools.cache
def stage_meant(text: str) -> Stage:
    """The stage that a cell means. Raises ValidationError, listing the stages."""
    if stage := STAGES.get(fold(text)):
        return stage
    raise ValidationError(f"“{text}” is not a known event: write one of {', '.join(Stage.values)}.")


def mission_kind_meant(text: str) -> MissionKind:
    """The kind of mission that a cell means. Raises ValidationError, listing the kinds."""
    if found := KINDS.get(fold(text)):
        return found
    raise ValidationError(f"“{text}” is not a kind of mission: write one of {', '.join(MissionKind.values)}.")


def country_meant(text: str, named: Callable[[str], Country | None]) -> Country:
    """The country that a cell means, among those `named`. Raises ValidationError, also for "Congo" or "Korea" alone."""
    if meant := AMBIGUOUS_COUNTRIES.get(fold(text)):
        raise ValidationError(f"“{text}” alone is ambiguous: write {meant}.")
    if found := named(text):
        return found
    raise ValidationError(f"“{text}” is not a known country: write its ISO code, or its English or Korean name.")
