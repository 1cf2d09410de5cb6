"""In which format the API answers, and what it reads. Apart, since the settings name it before any view can load."""

from typing import Any

from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.negotiation import DefaultContentNegotiation


class FirstRenderer(DefaultContentNegotiation):
    """Each address answers in its one format, whatever the caller would rather have, and reads what it says."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        """The parser for what the caller says that it sends. Raises UnsupportedMediaType (415)."""
        found = super().select_parser(request, parsers)
        if found is None:
            read = " or ".join(parser.media_type for parser in parsers)
            sent = f"“{request.content_type}”" if request.content_type else "Content of no type"
            raise UnsupportedMediaType(
                request.content_type, f"{sent} is not read here: send {read}, and say so in Content-Type."
            )
        return found

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type
