"""Labels beside marks, none over another: each takes the first place that is free (pages.md, section C)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LETTER = 0.58
"""How wide a letter is taken to be, in parts of its size: a little more than the average of the typefaces used."""

LINE = 1.2
"""How high a line is, in parts of the size of its letters."""


ANCHORS = {1: "start", 0: "middle", -1: "end"}


@dataclass(frozen=True)
class Box:
    """A piece of the sheet, in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: "Box") -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def holds(self, other: "Box") -> bool:
        return (
            self.left <= other.left
            and other.right <= self.right
            and self.top <= other.top
            and other.bottom <= self.bottom
        )


@dataclass(frozen=True)
class Label:
    """A label in its place: where its text is anchored, as seen from its mark, and what it takes of the sheet."""

    dx: float
    dy: float
    anchor: str
    box: Box


def around(x: float, y: float, radius: float) -> Box:
    return Box(x - radius, y - radius, x + radius, y + radius)


def candidates(x: float, y: float, radius: float, text: str, letters: float) -> Iterable[Label]:
    """The places beside a mark in the order in which they read best: right, left, above, below, the corners."""
    width, height = len(text) * letters * LETTER, letters * LINE
    gap = radius + 2
    for right, down in ((1, 0), (-1, 0), (0, -1), (0, 1), (1, -0.8), (1, 0.8), (-1, -0.8), (-1, 0.8)):
        dx, dy = right * gap, down * (gap + height / 2)
        left = x + dx - {1: 0, 0: width / 2, -1: width}[right]
        box = Box(left, y + dy - height / 2, left + width, y + dy + height / 2)
        yield Label(dx, round(dy + letters * 0.35, 1), ANCHORS[right], box)


def first_free(wanted: Iterable[Label], taken: Sequence[Box], sheet: Box) -> Label | None:
    """The first label that lies on the sheet and over nothing; None where each would."""
    for label in wanted:
        if sheet.holds(label.box) and not any(label.box.overlaps(box) for box in taken):
            return label
    return None
