"""What the data dictionaries of sheets say where neither a sheet nor its model does (event-sheet.md, the table)."""

from missions.event_words import STAGE_WORDS
from missions.models import MissionKind
from nkwatch.editorial.importing.dates import ACCEPTED as DATES
from nkwatch.editorial.importing.templates import ColumnWords
from sources.models import Citation, QuoteCitation

COUNTRY = "ISO code of two or three letters, English or Korean name, or a common variant such as Ivory Coast"
RECORD = "its number or name"
SOURCE = "number, web address or title of a source that is on record"

EVENT_REPORTS = {
    "host_country": ColumnWords("Where the mission stands.", COUNTRY),
    "event": ColumnWords(
        "What happened: the act of whoever is behind the news, not the paper's verb.",
        "one of: " + "; ".join(f"{stage.value} ({words})" for stage, words in STAGE_WORDS.items()),
    ),
    "date": ColumnWords("When it happened, as precisely as the source says and no more.", DATES),
    "date_wording": ColumnWords("The source's own words for the date.", "text"),
    "date_note": ColumnWords("How a relative date was read.", "text"),
    "source_url": ColumnWords(
        "Address of the report.",
        "a web address (http or https)",
        needed="this or source_title",
        example="https://news.kbs.co.kr/news/pc/view/view.do?ncd=7805022",
    ),
    "source_title": ColumnWords(
        "Title of the report. Alone, it must fit one source on record, or makes a new one.",
        "text",
        needed="this or source_url",
    ),
    "source_outlet": ColumnWords("Who published it.", "name of an outlet; a new one is added", example="NK News"),
    "source_issued": ColumnWords("When it was published.", DATES),
    "source_language": ColumnWords("Language of the report.", "BCP 47: en, ko, es"),
    "source_archive_url": ColumnWords("Where a copy of the report is archived.", "a web address (http or https)"),
    "sending_country": ColumnWords("Who sends the mission; North Korea when empty.", COUNTRY, example="KP"),
    "city": ColumnWords("City of the mission, where the source names it.", "text"),
    "mission": ColumnWords(
        "A mission on record, where country and city do not tell it; checked against host_country.",
        f"{RECORD}; empty: the mission that fits, or a new one",
        example="M-0003",
    ),
    "mission_kind": ColumnWords(
        "What kind of post; empty fits any, and a new one is unspecified.",
        "one of: " + ", ".join(str(kind.label) for kind in MissionKind),
    ),
    "summary": ColumnWords("One sentence in your own words.", "text"),
    "duties_to": ColumnWords("The mission that takes over.", f"{RECORD}, or its country", example="Italy"),
    "reasons": ColumnWords(
        "Reasons that the quote gives; needs a quote.",
        "slugs or labels of the list of reasons, separated by semicolons",
        example="sanctions-cut-income; financial-hardship",
    ),
    "quote": ColumnWords("What somebody said of it, in English.", "text"),
    "quote_kind": ColumnWords(
        "How the report gives the words.", "one of: " + ", ".join(QuoteCitation.Rendering.values) + "; empty: verbatim"
    ),
    "quote_original": ColumnWords("The words in the original language.", "text"),
    "quote_language": ColumnWords("Language of the original words.", "BCP 47: ko, es", example="ko"),
    "speaker": ColumnWords("Who said it; needs a quote.", "name of a person or body; a new one is added"),
    "speaker_role": ColumnWords("The speaker's role at the time.", "text", example="Ambassador"),
    "said_on": ColumnWords("When it was said.", DATES),
    "stance": ColumnWords(
        "Whether the report supports that it happened.",
        "one of: " + ", ".join(Citation.Stance.values) + "; empty: supports",
    ),
    "attributed_to_source": ColumnWords("The source that the report relies on for this.", SOURCE),
    "attributed_to_actor": ColumnWords(
        "Who the report says has said so.", "number or name of an actor on record", example="Yonhap News Agency"
    ),
}

_SOURCE = ColumnWords(accepted=SOURCE)
_SHARED = {
    "source": _SOURCE,
    "cited_source": _SOURCE,
    "republication_of": _SOURCE,
    "attributed_to_source": _SOURCE,
    "quote": ColumnWords(accepted="the number (Q-0001) or the exact words of a quote"),
    "event": ColumnWords(accepted="the number (E-0001) of an event"),
    "figure": ColumnWords(accepted="the number (F-0001) of a figure"),
    "coverage": ColumnWords(accepted="the key of a coverage in a sheet loaded with this one"),
    "accessed_on": ColumnWords("When the source was last read at its address."),
    "stance": ColumnWords("Whether the source supports the record, disputes it or only mentions it."),
    "fact": ColumnWords(
        accepted="the name of a column of the record's own sheet, such as date; empty: the whole record"
    ),
    "note": ColumnWords("What else an editor should know."),
    "authors": ColumnWords("Who wrote it, in order.", "numbers or names of actors, separated by semicolons"),
    "name_variants": ColumnWords(
        "Other spellings and scripts of the name.",
        "text, separated by semicolons; one that has a semicolon itself stands in quotation marks",
    ),
}
WORDS = {"event reports": EVENT_REPORTS}


def words_for(kind: str) -> dict[str, ColumnWords]:
    """The words on the columns of one kind of sheet, by column."""
    return WORDS.get(kind, _SHARED)
