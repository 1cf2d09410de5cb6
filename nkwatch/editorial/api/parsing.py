"""What is read of a request: JSON that can be kept and told again."""

import re
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

DEEPEST = 20
"""How many lists and objects may stand one in another: a report has four."""
TOO_DEEP = f"JSON parse error - more than {DEEPEST} lists and objects stand one in another."
UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")
"""What neither UTF-8 nor PostgreSQL's JSON holds. In values, fields refuse it by their names."""


class PlainJSONParser(JSONParser):
    """JSON, but for names that nothing could tell again, and for nesting beyond all that is described."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            data = super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError(TOO_DEEP) from error
        _check(data)
        return data


def _check(data: Any) -> None:
    level = [data]
    for _ in range(DEEPEST):
        for one in level:
            if isinstance(one, dict) and any(UNKEEPABLE.search(name) for name in one):
                raise ParseError("JSON parse error - a name holds NUL or half a character (a lone surrogate).")
        level = [
            below
            for one in level
            if isinstance(one, dict | list)
            for below in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return
    if any(isinstance(one, dict | list) for one in level):
        raise ParseError(TOO_DEEP)
