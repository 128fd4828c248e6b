"""From the suspect to its machine: what a cell sends, and what it shows of the answer."""

import asyncio
import json

import pytest

import casebook as cb
from casebook import _api, _core
from casebook._aws import _ERRORS, _question, text_headers
from casebook._series import Series
from casebook._table import MIME
from casebook._verdict import Verdict

INSTANCE = {
    "account": "main",
    "region": "us-east-1",
    "instance_id": "i-0123456789abcdef0",
    "state": "running",
    "private_ip": "10.0.0.5",
    "private_dns": None,
    "type": "m7g.large",
    "zone": "us-east-1a",
    "launched_at": "2026-11-01T00:00:00.000Z",
    "tags": {"kind": "object4", "Name": "<b>fleet</b>"},
}
LABELS = {"__name__": "level", "which": "object4"}


@pytest.fixture
def sent(monkeypatch):
    """The questions that go to the proxy; each is answered by one instance."""
    questions = []

    async def ask(method, path, question=None, errors=None):
        questions.append((method, path, question))
        if method == "GET":
            return {"instances": [INSTANCE, {**INSTANCE, "tags": {}}]}
        return {"instance": INSTANCE, "by": "tag kind=object4"}

    monkeypatch.setattr(_api, "ask", ask)
    return questions


def verdict(kind):
    item = {"row": 0, "name": "level{}", "labels": LABELS}
    return Verdict({"kind": kind, "reason": f"It is {kind}.", "top": 0, "ranking": [item]})


def test_a_series_a_verdict_tags_or_an_id_lead_to_an_instance(sent):
    async def ask():
        account = cb.aws()
        await account.instance(Series(0, "level{}", LABELS))
        await account.instance(verdict("clear"))
        await account.instance(tags={"kind": "object4"}, region="us-east-1")
        return await account.instance("i-0123456789abcdef0")

    instance = asyncio.run(ask())
    assert {(method, path) for method, path, _ in sent} == {("POST", "/api/v1/aws/main/instance")}
    assert [question for _, _, question in sent] == [
        {"labels": LABELS},
        {"labels": LABELS},
        {"tags": {"kind": "object4"}, "region": "us-east-1"},
        {"id": "i-0123456789abcdef0"},
    ]
    assert instance.instance_id == "i-0123456789abcdef0"
    assert instance.to_dict() == {**INSTANCE, "by": "tag kind=object4"}
    text = repr(instance)
    assert text.startswith("Instance i-0123456789abcdef0, found by tag kind=object4")
    assert "10.0.0.5" in text
    assert "tag kind" in text
    html = instance._repr_mimebundle_()["text/html"]
    assert "&lt;b&gt;" in html
    assert "<b>" not in html


def test_without_a_clear_verdict_no_machine_is_looked_for(sent):
    with pytest.raises(cb.NoSuspect):
        asyncio.run(cb.aws().instance(verdict("tie")))
    assert sent == []


@pytest.mark.parametrize(
    "arguments",
    [((), {}), (("web1",), {}), (({"a": 1},), {}), ((5,), {}), (("i-0123abcd",), {"tags": {}})],
)
def test_a_question_that_makes_no_sense_is_not_sent(sent, arguments):
    positional, named = arguments
    with pytest.raises(cb.BadRequestError) as caught:
        asyncio.run(cb.aws().instance(*positional, **named))
    assert caught.value.next_step
    assert sent == []


@pytest.mark.parametrize("name", ["", "a/b", "../x", None, "a" * 65])
def test_an_accounts_name_cannot_become_a_path(name):
    with pytest.raises(cb.BadRequestError):
        cb.aws(name)


def test_the_list_is_a_table_with_the_commonest_tags(sent):
    found = asyncio.run(cb.aws("prod").instances({"kind": "a=b&c"}, state="any"))
    assert sent == [("GET", "/api/v1/aws/prod/instances?tag=kind%3Da%3Db%26c&state=any", None)]
    assert len(found) == 2
    assert found[0].tags["kind"] == "object4"
    data = found._repr_mimebundle_()[MIME]
    assert [column["label"] for column in data["columns"]][:3] == ["id", "Name", "kind"]
    assert data["rows"][1]["tag kind"] is None
    assert data["caption"] == "Instances of prod with kind=a=b&c"
    with pytest.raises(cb.BadRequestError):
        asyncio.run(cb.aws().instances(state="stopped"))


@pytest.mark.parametrize(
    ("status", "kind", "error"),
    [
        (404, "no_instance", cb.InstanceError),
        (409, "many_instances", cb.InstanceError),
        (422, "no_rule", cb.InstanceError),
        (502, "upstream_auth", cb.ProxyError),
        (401, "session", cb.SessionError),
    ],
)
def test_the_proxys_errors_are_classes_to_catch(status, kind, error):
    body = {"status": "error", "errorType": kind, "error": "What.", "next": "Do.", "source": "main"}
    with pytest.raises(error) as caught:
        _api.read(status, json.dumps(body), _ERRORS)
    assert str(caught.value).splitlines()[0] == "What."
    assert (caught.value.next_step, caught.value.status) == ("Do.", status)
    assert caught.value.error_type == kind


@pytest.mark.parametrize("text", ["<html>", "", "[]", "{}", "null"])
def test_what_is_no_answer_of_the_proxy_is_said_to_be_none(text):
    with pytest.raises(cb.ProxyError):
        _api.read(502, text, {})


def test_boto3_asks_the_proxy_with_headers_that_survive_the_browser(monkeypatch):
    monkeypatch.setattr(_core, "base_url", lambda: "http://localhost:8787")
    expected = "http://localhost:8787/api/aws/main/sts/eu-west-1/"
    assert cb.aws().endpoint_url("sts", "eu-west-1") == expected

    class Request:
        headers = {"Content-Type": b"application/x-www-form-urlencoded", "Accept": "x"}  # noqa: RUF012

    text_headers(Request)
    assert Request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert Request.headers["x-casebook"] == "1"


def test_labels_are_sent_as_they_are():
    assert _question({"instance": "10.0.0.5:9100"}, None) == {
        "labels": {"instance": "10.0.0.5:9100"}
    }
