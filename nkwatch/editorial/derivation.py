"""Keeps what is derived in step with the records: one list of rules, run inside the publishing transaction.

An app that derives something registers its rule once (`sources` its origins, `missions` support
and status). `rederive` runs them, lower floors first, whenever public records change.
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from typing import Any

from django.db import transaction

Rule = Callable[[Sequence[Any]], None]

_rules: list[tuple[int, Rule]] = []
_collected: ContextVar[list[Any] | None] = ContextVar("collected_for_derivation", default=None)
_highest: ContextVar[int | None] = ContextVar("highest_floor_derived", default=None)


def derives(rule: Rule, *, floor: int) -> Rule:
    """Register `rule`: given records that changed, it stores again what follows from them.

    `floor` says what it may rest on: a rule reads what rules of lower floors have stored (support
    reads origins), whatever the order in which Django makes the apps ready.
    """
    _rules.append((floor, rule))
    _rules.sort(key=lambda registered: registered[0])
    return rule


def rederive(records: Sequence[Any]) -> None:
    """Derive again what depends on `records`, or note them when a `deriving_once` block is open."""
    collected = _collected.get()
    if collected is not None:
        collected.extend(records)
        return
    highest = _highest.get()
    for floor, rule in _rules:
        if highest is None or floor <= highest:
            rule(records)


@contextlib.contextmanager
def deriving_up_to(floor: int) -> Iterator[None]:
    """Leave rules of higher floors out, inside a transaction that is to be taken back: nobody reads what they store."""
    token = _highest.set(floor)
    try:
        yield
    finally:
        _highest.reset(token)


@contextlib.contextmanager
def deriving_once() -> Iterator[None]:
    """Collect all changes of the block and derive once, at its end, in the same transaction."""
    if _collected.get() is not None:
        yield
        return
    with transaction.atomic():
        records: list[Any] = []
        token = _collected.set(records)
        try:
            yield
        finally:
            _collected.reset(token)
        if records:
            rederive(records)
