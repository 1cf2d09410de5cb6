"""What `check_record` proves: an app registers once what can be off in what it stores."""

from collections.abc import Callable, Iterator

Findings = Callable[[], Iterator[str]]

_registered: dict[str, Findings] = {}


def proves(name: str, findings: Findings) -> None:
    """Let `check_record` ask for `findings`, one line for each stored value that is off; `name` tells them apart."""
    _registered[name] = findings


def found_by_others() -> Iterator[str]:
    """The findings of everything that was registered."""
    for findings in _registered.values():
        yield from findings()
