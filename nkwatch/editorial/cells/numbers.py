"""Numbers as a spreadsheet program shows them: dates of both epochs, leading zeros, no scientific notation."""

import datetime
import re
from decimal import Decimal, InvalidOperation

# ECMA-376, part 1, 18.8.30: the formats that have a number and no text; 27-36 and 50-58 are those of East Asia.
DATE_FORMATS = frozenset({14, 15, 16, 17, *range(27, 32), 36, *range(50, 55), 57, 58})
DATE_TIME_FORMATS = frozenset({22})
TIME_FORMATS = frozenset({18, 19, 20, 21, 32, 33, 34, 35, 45, 46, 47, 55, 56})

NUMBER, DATE, DATE_TIME, TIME = "number", "date", "date-time", "time"

_UNSAID = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]|general|am/pm|a/p', re.IGNORECASE)
_LAST_SERIAL = 2_958_465
_DAY_THAT_NEVER_WAS = 60
_SECONDS = 24 * 60 * 60


def kind_of(number: int, code: str) -> str:
    """What a number format makes of a number: `number`, `date`, `date-time`, `time`, or its zeros ("0000")."""
    if not code:
        if number in DATE_TIME_FORMATS:
            return DATE_TIME
        return DATE if number in DATE_FORMATS else TIME if number in TIME_FORMATS else NUMBER
    shown = _UNSAID.sub("", code.split(";")[0]).casefold()
    if shown and not shown.strip("0") and len(shown) > 1:
        return shown
    if set(shown) & set("0#?"):
        # "ss.000" shows parts of a second; "0.00e+00" and "0d" none of them a day.
        return TIME if set(shown) & set("hs") else NUMBER
    clock = bool(set(shown) & set("hs"))
    day = bool(set(shown) & set("yd")) or ("m" in shown and not clock)
    if day:
        return DATE_TIME if clock else DATE
    return TIME if clock else NUMBER


def number_text(raw: str, kind: str = NUMBER, from_1904: bool = False) -> str:
    """The text of a stored number. Text that is no number stays as it is."""
    if raw.isdecimal() and raw.isascii() and kind == NUMBER:
        return raw.lstrip("0") or "0"
    try:
        value = float(raw)
        plain = _plain(raw, value)
    except (ValueError, InvalidOperation, OverflowError):
        return raw
    if kind == NUMBER:
        return plain
    if not kind.strip("0"):
        sign = "-" if plain.startswith("-") else ""
        return sign + plain.removeprefix("-").zfill(len(kind)) if "." not in plain else plain
    return _moment(value, kind, from_1904) or plain


def _plain(raw: str, value: float) -> str:
    """Fifteen digits, as spreadsheet programs show them: what stands beyond is an accident of binary numbers."""
    text = format(Decimal(format(value, ".15g")), "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _moment(serial: float, kind: str, from_1904: bool) -> str:
    """The day, time or both that a serial number means; nothing where it means none."""
    if not 0 <= serial <= _LAST_SERIAL:
        return ""
    day, seconds = divmod(round(serial * _SECONDS), _SECONDS)
    clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    if kind == TIME or (day == 0 and seconds and not from_1904):
        return clock
    date = _day(day, from_1904)
    return f"{date}T{clock}" if kind == DATE_TIME and seconds else date


def _day(serial: int, from_1904: bool) -> str:
    if from_1904:
        return (datetime.date(1904, 1, 1) + datetime.timedelta(serial)).isoformat()
    if serial == _DAY_THAT_NEVER_WAS:
        return "1900-02-29"
    before = datetime.date(1899, 12, 30 if serial > _DAY_THAT_NEVER_WAS else 31)
    return (before + datetime.timedelta(serial)).isoformat()


def iso_text(value: str, shows_time: bool = True) -> str:
    """A day, or a day and time, as XML has it: without a time where it is midnight or not shown."""
    date, _, clock = value.partition("T")
    clock = clock.partition(".")[0].rstrip("Z")
    return f"{date}T{clock}" if clock.strip("0:") and shows_time else date
