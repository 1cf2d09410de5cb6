"""To anybody, the API answers as its description promises, whatever it is asked (contract.md, API v1)."""

from typing import Any

import pytest

from tests.conformance import Programs, answer_as_described, generated, programs, schema

__all__ = ["programs"]

pytestmark = pytest.mark.django_db


@schema.parametrize()
@generated(6)
def test_every_answer_is_as_described(case: Any, programs: Programs):
    """With every check that schemathesis has: of what is allowed, what is not, methods, types and shapes."""
    answer_as_described(case, programs.anonymous)
