import pytest
from tests.make import *
pytestmark = pytest.mark.django_db
def test_x(reviewer, editor_client):
    e = make_event(); cite(e); q=make_quote(speaker=make_actor()); cite(q); f=make_figure(); cite(f, attributed_to_actor=make_actor()); c=make_coverage(); cite(c)
    publish(e, q, f, c, make_reason(), by=reviewer)
    assert e.label == "E-0001" and e.is_public and f.citations.get().is_public
    e.refresh_from_db()
    assert e.support_level == "origin-not-given"
