"""At 3 am the error is the manual."""

import json

import pytest

import casebook as cb
from casebook._errors import from_detail


def detail(**fields):
    base = {"kind": "proxy", "source": "main", "query": "level", "status": 502}
    return json.dumps({**base, "message": "What was wrong.", "next": "What to do.", **fields})


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("unreachable", cb.UnreachableError),
        ("session", cb.SessionError),
        ("proxy", cb.ProxyError),
        ("prometheus", cb.PrometheusError),
        ("not_json", cb.NotJsonError),
        ("truncated", cb.TruncatedError),
        ("limit", cb.LimitError),
        ("shape", cb.ShapeError),
        ("aborted", cb.AbortedError),
        ("bad_request", cb.BadRequestError),
        ("of a newer core", cb.CasebookError),
    ],
)
def test_each_kind_of_the_core_is_a_class_to_catch(kind, error):
    found = from_detail(detail(kind=kind), "message of JavaScript")
    assert type(found) is error
    assert isinstance(found, cb.CasebookError)
    assert (found.source, found.query, found.status) == ("main", "level", 502)


def test_the_block_names_source_query_status_and_next_step():
    block = from_detail(detail(query="sum(\n  level\n)"), "")._render_traceback_()
    assert block == [
        "ProxyError: What was wrong.",
        "  source  main",
        "  query   sum( level )",
        "  status  502",
        "  next    What to do.",
    ]


def test_what_does_not_apply_is_left_out():
    error = from_detail(detail(kind="bad_request", source="", query="", status=None), "")
    assert str(error) == "What was wrong.\n  next    What to do."
    assert error.to_dict()["error"] == "BadRequestError"


@pytest.mark.parametrize("broken", [None, "", "not json", "[]", "null"])
def test_a_core_that_does_not_say_why_still_leaves_its_message(broken):
    error = from_detail(broken, "unreachable executed")
    assert error.message == "unreachable executed"
    assert error.next_step
