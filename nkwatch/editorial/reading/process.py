"""The child process in which files are read, with a limit on its memory and its time."""

import io
import json
import logging
import marshal
import subprocess
import sys
import tempfile
import threading
from array import array
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from nkwatch.editorial.cells import formats
from nkwatch.editorial.cells.child import LENGTH_BYTES
from nkwatch.editorial.cells.grid import Facts, Grid, Request, UnreadableFileError

Rows = tuple["array[int]", list[list[str]]]
"""The numbers of rows in the file, and their cells."""

ROOT = Path(__file__).resolve().parents[3]
# The csv module builds nothing but what it is given: a small text cannot become a large one.
READ_HERE_BYTES = 1_000_000
# Wider than what a sheet of a hundred thousand rows says: its repetitions stand far from each other.
_SHARED = 200_000

logger = logging.getLogger(__name__)


def read_cells(content: bytes, request: Request) -> tuple[Rows, Facts]:
    """The rows of a file that hold something, and what was found out about it. Raises UnreadableFileError."""
    if len(content) < READ_HERE_BYTES and not content.startswith((*formats.ZIP, formats.OLE)):
        return _read_here(content, request)
    # A file that is only a number: nothing of an upload lies in a folder, and the child needs no copy in memory.
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        return _read_in_child(file, request)


def _read_here(content: bytes, request: Request) -> tuple[Rows, Facts]:
    numbers, rows = array("I"), list[list[str]]()

    def keep(number: int, row: list[str]) -> None:
        numbers.append(number)
        rows.append(row)

    facts = formats.read(io.BytesIO(content), request, Grid(request.limits, keep))
    return (numbers, rows), facts


def _read_in_child(file: IO[bytes], request: Request) -> tuple[Rows, Facts]:
    # A fresh interpreter, not a fork: a server with threads may hold a lock at that moment. It gets
    # no environment, so no secret of the server's.
    with (
        subprocess.Popen(
            [sys.executable, "-s", "-m", "nkwatch.editorial.cells.child", json.dumps(asdict(request))],
            cwd=ROOT,
            env={"PYTHONDONTWRITEBYTECODE": "1"},
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as child,
        _Deadline(child, request.limits["seconds"]) as deadline,
    ):
        assert child.stdout is not None and child.stderr is not None
        try:
            return _received(child.stdout)
        except (EOFError, ValueError, TypeError) as error:
            said = child.stderr.read(10_000).decode("utf-8", "replace")
            if deadline.passed or child.wait() == -_KILLED_FOR_TIME:
                raise UnreadableFileError(
                    f"Reading the file takes longer than {request.limits['seconds']} seconds: save the sheet as CSV."
                ) from error
            logger.error("The process that reads sheets ended with %s: %s", child.returncode, said)
            raise UnreadableFileError(
                "The file cannot be read: the program that reads it gave up. Save the sheet as CSV."
            ) from error
        finally:
            child.kill()


_KILLED_FOR_TIME = 24
"""SIGXCPU: what ends a process that has used up its time."""


class _Deadline:
    """Kills a child that is not done in time, whatever it waits for."""

    def __init__(self, child: "subprocess.Popen[bytes]", seconds: int) -> None:
        self.child, self.passed = child, False
        self.timer = threading.Timer(seconds, self._kill)

    def _kill(self) -> None:
        self.passed = True
        self.child.kill()

    def __enter__(self) -> "_Deadline":
        self.timer.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.timer.cancel()


def _received(pipe: IO[bytes]) -> tuple[Rows, Facts]:
    """What our own child sent. Raises UnreadableFileError when it refuses, EOFError when it broke off."""
    numbers, rows = array("I"), list[list[str]]()
    memo: dict[str, str] = {}
    while True:
        length = int.from_bytes(pipe.read(LENGTH_BYTES), "big")
        sent: Any = marshal.loads(pipe.read(length))
        if isinstance(sent, str):
            raise UnreadableFileError(sent)
        if isinstance(sent, dict):
            return (numbers, rows), Facts(**sent)
        numbers.frombytes(sent[0])
        share = memo.get if len(memo) > _SHARED else memo.setdefault
        # Each text that came before as that very text: sheets repeat themselves.
        rows.extend([[*map(share, row, row)] for row in sent[1]])
