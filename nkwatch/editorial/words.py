"""Small words that sentences are made of: numbers, lists and dates as a reader says them."""

from collections.abc import Iterable

from nkwatch.editorial.edtf import DAY, in_words

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def number_in_words(number: int) -> str:
    """Write small numbers as words: "no", "one" … "twelve", then 13."""
    return _NUMBERS[number] if 0 <= number < len(_NUMBERS) else str(number)


def counted(number: int, noun: str, plural: str = "") -> str:
    """Write a number with its noun: "one origin", "three origins", "no origin"."""
    return f"{number_in_words(number)} {noun if number in (0, 1) else plural or noun + 's'}"


def listed(names: Iterable[object]) -> str:
    """Join names as a sentence does: "Spain, Nepal and Libya"."""
    *first, last = [str(name) for name in names] or [""]
    return f"{', '.join(first)} and {last}" if first else last


def capital(sentence: str) -> str:
    """Begin a sentence with a capital letter, leaving the rest alone."""
    return sentence[:1].upper() + sentence[1:]


def when(date: str) -> str:
    """Write an EDTF date with the preposition it takes: "on 27 October 2023", "in October 2023", "by …"."""
    words = in_words(date)
    if not words or words.startswith(("by ", "between ", "from ", "about ")):
        return words
    return f"on {words}" if DAY.fullmatch(date.rstrip("~?%")) else f"in {words}"
