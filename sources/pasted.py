"""What an editor pasted of a report: its address, its text or its HTML, and what can be told of it from that."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Pasted:
    """What was pasted, and guesses at the report's source, each for an editor to confirm; empty where none is."""

    kind: str = "text"
    text: str = ""
    html: str = ""
    url: str = ""
    title: str = ""
    outlet: str = ""
    authors: tuple[str, ...] = ()
    issued: str = ""
    language: str = ""


def read_pasted(pasted: str, url: str = "") -> Pasted:
    """Read what was pasted; `url` is its address where that was given apart.

    Nothing is fetched. Raises ValidationError, saying what would be taken, for what is too large or cannot be read.
    """
    return Pasted(text=pasted, url=url)
