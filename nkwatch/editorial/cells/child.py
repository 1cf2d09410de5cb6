"""The process that reads what strangers made, started as `python -m nkwatch.editorial.cells.child`.

Its first argument is the request as JSON, its standard input the file, its standard output a run of
marshalled values: pairs of row numbers and rows, then the facts; or the sentence that refuses it.
"""

import json
import marshal
import resource
import sys
from array import array
from dataclasses import asdict
from typing import Any

from nkwatch.editorial.cells import formats
from nkwatch.editorial.cells.grid import Grid, Request, UnreadableFileError

TOO_MUCH = "Reading the file takes more memory than it may: save the sheet alone, or split it."
LENGTH_BYTES = 8
_ROWS_AT_ONCE = 500
_CHARACTERS_AT_ONCE = 1_000_000


def send(value: Any) -> None:
    """Write one value, with its length before it: marshal by itself reads a pipe byte by byte."""
    packed = marshal.dumps(value)
    sys.stdout.buffer.write(len(packed).to_bytes(LENGTH_BYTES, "big") + packed)


class _Sender:
    """Sends rows on in handfuls: neither process holds the sheet twice."""

    def __init__(self) -> None:
        self.numbers, self.rows, self.characters = array("I"), list[list[str]](), 0

    def __call__(self, number: int, row: list[str]) -> None:
        self.numbers.append(number)
        self.rows.append(row)
        self.characters += sum(map(len, row))
        if len(self.rows) >= _ROWS_AT_ONCE or self.characters >= _CHARACTERS_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        send((self.numbers.tobytes(), self.rows))
        self.numbers, self.rows, self.characters = array("I"), [], 0


def main() -> None:
    """Read the file on standard input, within the limits of the request."""
    request = Request(**json.loads(sys.argv[1]))
    memory, seconds = request.limits["memory"], request.limits["seconds"]
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    # The hard limit kills without saying why: the soft one comes first.
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sender = _Sender()
    answer: object
    try:
        answer = asdict(formats.read(sys.stdin.buffer, request, Grid(request.limits, sender)))
        sender.flush()
    except UnreadableFileError as error:
        answer = str(error)
    except MemoryError:
        answer = TOO_MUCH
    send(answer)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
