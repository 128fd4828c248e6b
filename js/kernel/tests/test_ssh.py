"""Hosts: what an answer becomes in the notebook, however it comes and however it ends."""

import asyncio
import json

import pytest

import casebook as cb
from casebook._ssh import Reader

START = {
    "event": "start",
    "host": "web1",
    "address": "10.0.0.7:22",
    "line": "ls -lab --time-style=full-iso -- /var/crash",
    "seq": 3,
    "hash": "ab12",
}
EXIT = {
    "event": "exit",
    "status": 0,
    "signal": None,
    "lost": False,
    "truncated": False,
    "timed_out": False,
    "ms": 40,
}


def answer(*texts, **end):
    events = [START, *({"event": stream, "text": text} for stream, text in texts), {**EXIT, **end}]
    return "".join(json.dumps(event, ensure_ascii=False) + "\n" for event in events).encode()


def read(body, size=1000):
    reader = Reader("web1", "ls")
    for at in range(0, len(body), size):
        reader.feed(body[at : at + size])
    return reader.output()


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_pieces_of_any_size_give_the_same_output(size):
    output = read(answer(("stdout", "co"), ("stderr", "é\n"), ("stdout", "re\n")), size)
    assert (output.stdout, output.stderr) == ("core\n", "é\n")
    assert output.ok
    assert output.check() is output
    assert str(output) == "core\n"
    assert output.to_dict()["seq"] == 3
    assert output.to_dict()["ok"] is True


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ({"status": 2}, "status 2"),
        ({"status": None, "signal": "KILL"}, "killed by KILL"),
        ({"status": None, "lost": True}, "nobody knows"),
        ({"status": 0, "truncated": True}, "not all"),
        ({"status": None, "timed_out": True}, "not all"),
    ],
)
def test_only_a_whole_answer_with_status_0_is_a_success(end, said):
    output = read(answer(("stdout", "core\n"), ("stderr", "ls: no\n"), **end))
    assert not output.ok
    assert said in output.ending
    assert said in repr(output)
    assert said in output.html()
    with pytest.raises(cb.CommandError, match=r"web1.*ls: no") as caught:
        output.check()
    assert said in caught.value.message


def test_an_answer_without_its_last_line_is_no_answer():
    body = answer(("stdout", "core\n"))
    for cut in (b"", body[:20], body[: body.rindex(b"{")], body[:-5]):
        with pytest.raises(cb.TruncatedError, match="ls on web1"):
            read(cut)


def test_what_a_host_says_is_text_and_nothing_else():
    output = read(answer(("stdout", "<script>alert(1)</script>"), ("stderr", "<b>")))
    bundle = output._repr_mimebundle_()
    assert "<script>" not in bundle["text/html"]
    assert "&lt;script&gt;" in bundle["text/html"]
    assert "<b>" not in bundle["text/html"]
    assert bundle["text/plain"].startswith("web1$ ls -lab")


def test_a_host_is_named_by_an_id_or_by_what_the_cloud_found():
    class Instance:
        instance_id = "i-0abc"

    assert asyncio.run(cb.ssh(Instance())).name == "i-0abc"
    assert asyncio.run(cb.ssh("web1")).to_dict() == {"host": "web1"}
    for nothing in (None, "", " ", 7):
        with pytest.raises(cb.BadRequestError, match="names no host"):
            asyncio.run(cb.ssh(nothing))
