"""How the other metrics of a target are found and asked for, and what a cell says of them."""

import asyncio
import json
from types import SimpleNamespace

import pytest

import casebook as cb
from casebook._progress import Progress
from casebook._same_target import questions, selector, spread, target_labels
from casebook._series import Series
from casebook._table import MIME
from casebook._verdict import Verdict
from casebook._what_else import AT_ONCE, WhatElse, _Hunt, what_else
from casebook._window import Window


def series(row, **labels):
    return Series(row, "level", {"__name__": "level", **labels})


def test_a_target_is_its_instance_and_job_when_they_tell_it_from_the_others():
    fleet = [
        series(i, which=f"o{i}", instance=f"h{i}:9100", job="fleet", code="200") for i in range(3)
    ]
    assert target_labels(fleet[1], fleet) == {"instance": "h1:9100", "job": "fleet"}


def test_an_exporter_that_speaks_for_many_is_not_the_target():
    fleet = [series(i, which=f"o{i}", instance="exporter:9100", job="x") for i in range(3)]
    assert target_labels(fleet[2], fleet) == {"which": "o2", "job": "x"}


def test_a_target_that_only_several_labels_tell_apart_is_named_by_all_of_them():
    pairs = [series(0, a="1", b="1"), series(1, a="1", b="2"), series(2, a="2", b="1")]
    assert target_labels(pairs[0], pairs) == {"a": "1", "b": "1"}
    alone = [series(0, instance="h:1", zone="a")]
    assert target_labels(alone[0], alone) == {"instance": "h:1"}
    assert target_labels(series(0), [series(0)]) == {}


def test_a_label_value_cannot_leave_its_quotes():
    labels = {"path": 'C:\\x "y"\n', "größe": "1"}
    assert selector("up", labels) == 'up{path="C:\\\\x \\"y\\"\\n", "gr\\u00f6\\u00dfe"="1"}'
    assert selector("my.metric", {"a": "b"}) == '{"my.metric", a="b"}'
    assert selector("", {"a": "b"}) == '{a="b"}'


def test_counters_are_asked_by_their_rate_and_sums_by_their_mean():
    names = ["a_total", "b_bucket", "b_count", "b_sum", "c", "d_sum", "e_info", "e_created", "c"]
    asked = {q.name: q.query for q in questions(names, {"x": "y"}, 10_000, 30_000.4)}
    assert asked == {
        "rate(a_total)": 'rate(a_total{x="y"}[2m1s])',
        "rate(b_count)": 'rate(b_count{x="y"}[2m1s])',
        "mean b": 'rate(b_sum{x="y"}[2m1s]) / rate(b_count{x="y"}[2m1s])',
        "c": 'c{x="y"}',
        "rate(d_sum)": 'rate(d_sum{x="y"}[2m1s])',
    }
    assert questions(["a_total"], {}, 1000, 1000)[0].query == "rate(a_total{}[1m])"


def test_the_first_letters_of_the_alphabet_do_not_take_all_the_places():
    names = [f"node_cpu_{i}" for i in range(9)] + ["node_disk_a", "process_open_fds", "up"]
    chosen, left = spread(names, 5)
    assert chosen == ["node_cpu_0", "node_cpu_1", "node_disk_a", "process_open_fds", "up"]
    assert len(left) == 7
    assert spread([], 5) == ([], [])


def match(name, **more):
    item = {
        "name": name,
        "shift": 14.04,
        "before": 1.0,
        "now": 8.0,
        "swing": False,
        "onset_ms": [60_000, 70_000],
        "rho": 0.8123,
        "lag": 2,
        "together": True,
    }
    return {**item, **more}


def test_what_moved_is_a_table_that_never_speaks_of_causes():
    still = match("queue", together=False, rho=None, onset_ms=None, now=0.5, lag=0)
    after = match("free", lag=-1, swing=True)
    data = {
        "sentence": "3 of 9 other series moved with level.",
        "matches": [match("load"), after, still],
        "unusable": 2,
        "not_asked": [f"m{i}" for i in range(9)],
        "failed": {"broken": "too many samples"},
        "empty": ["absent"],
        "step_ms": 10_000,
    }
    else_ = WhatElse(data)
    assert len(else_) == 3
    table = else_._repr_mimebundle_()[MIME]
    assert table["headline"] == "3 of 9 other series moved with level."
    load, free, queue = table["rows"]
    assert (load["lag"], load["finding"]) == (
        "2 steps (20s) before",
        "moved with it, step by step",
    )
    assert (load["shift"], load["rho"], load["by"]) == (14.0, 0.81, "1970-01-01T00:01:10Z")
    assert (free["lag"], free["change"]) == ("1 step (10s) after", "swings wider")
    assert (queue["change"], queue["lag"], queue["finding"]) == ("fell", "", "moved")
    text = repr(else_)
    assert "No answer to broken: too many samples" in text
    assert "Not asked for, 9 metrics: m0, m1, m2, m3, m4, m5, …" in text
    assert "Without a series in this window: absent." in text
    assert "2 series have too few numbers" in text
    assert text.count("caused") == 1
    assert "is not to be caused by it" in text


def test_progress_is_a_line_that_any_viewer_shows():
    progress = Progress("metrics of <x>", 40)
    progress.update(12, "3 series moved")
    line = "██████░░░░░░░░░░░░░░ metrics of <x>: 12 of 40, 3 series moved"
    assert repr(progress) == line
    bundle = progress._repr_mimebundle_()
    assert bundle["text/html"] == f"<p>{line.replace('<x>', '&lt;x&gt;')}</p>"
    assert bundle[MIME]["headline"] == line
    assert progress.to_dict() == {"what": "metrics of <x>", "done": 12, "total": 40}


class Source:
    """Answers after a moment; knows how many wait at once, and who was given up."""

    def __init__(self, failing=None):
        self.failing = failing
        self.now = self.most = self.given_up = 0

    async def fetch(self, query, *_, **__):
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await asyncio.sleep(0.02)
            if self.failing and "m7" in query:
                raise self.failing
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        finally:
            self.now -= 1
        return SimpleNamespace(__len__=lambda: 1, _held=lambda: query, close=lambda: None)


class Answer(list):
    def _held(self):
        return self[0]

    def close(self):
        self.clear()


def hunt(source, metrics=20):
    seen = []
    companions = SimpleNamespace(
        look_at=lambda _, name: seen.append(name) or 1,
        found=lambda: json.dumps({"matches": [], "unusable": 0, "sentence": ""}),
        free=lambda: seen.append("freed"),
    )

    async def fetch(*args, **more):
        await Source.fetch(source, *args, **more)
        return Answer(["handle"])

    matrix = SimpleNamespace(
        _held=lambda: SimpleNamespace(companions=lambda _row: companions),
        _source=SimpleNamespace(fetch=fetch),
        step_ms=10_000,
    )
    asked = questions([f"m{i}" for i in range(metrics)], {"a": "b"}, 10_000, 10_000)
    return _Hunt(matrix, 0, asked, Window(0, 300_000)), seen


def test_no_more_than_four_queries_wait_at_once_and_all_are_asked():
    source = Source()
    running, seen = hunt(source)
    found = asyncio.run(running.run("x"))
    assert source.most == AT_ONCE == 4
    assert sorted(seen) == sorted(["freed", *(f"m{i}" for i in range(20))])
    assert found["asked"][0] == "m0"
    assert found["failed"] == {}


def test_a_metric_that_fails_does_not_end_the_others():
    running, seen = hunt(Source(cb.PrometheusError("too many samples")))
    found = asyncio.run(running.run("x"))
    assert found["failed"] == {"m7": "too many samples"}
    assert len(seen) == 20


def test_without_a_session_nobody_asks_on():
    source = Source(cb.SessionError("signed out"))
    running, seen = hunt(source, 40)
    with pytest.raises(cb.SessionError):
        asyncio.run(running.run("x"))
    assert seen[-1] == "freed"
    assert len(seen) < 20
    assert source.now == 0


def test_stop_gives_up_what_waits_and_says_how_far_it_came():
    source = Source()
    running, seen = hunt(source)

    async def story():
        task = asyncio.ensure_future(running.run("x"))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as stopped:
            await task
        return str(stopped.value)

    said = asyncio.run(story())
    assert said == f"{len(seen) - 1} of 20 metrics had been looked at."
    assert source.given_up == 4
    assert source.now == 0
    assert seen[-1] == "freed"


@pytest.mark.parametrize("kind", ["tie", "none"])
def test_without_a_suspect_it_asks_whose_metrics_are_meant(kind):
    data = {"kind": kind, "ranking": [], "reason": "No suspect: quiet.", "top": None}
    verdict = Verdict(data, matrix=SimpleNamespace())
    with pytest.raises(cb.NoSuspect) as caught:
        asyncio.run(what_else(verdict))
    assert "verdict.ranking" in caught.value.next_step
