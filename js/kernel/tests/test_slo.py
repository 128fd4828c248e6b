"""What an objective may be, what its quantile is over, and what a cell says of a breach."""

from types import SimpleNamespace

import pytest

import casebook as cb
from casebook._slo import Slo
from casebook._table import MIME

RUN = {
    "start_ms": 10_000,
    "end_ms": 30_000,
    "steps": 3,
    "worst": 0.9,
    "worst_ms": 20_000,
    "from_start": False,
    "open": True,
}


def found(objective, *lines, kept=0, unknown=0):
    return {
        "objective": objective,
        "lines": list(lines),
        "kept": kept,
        "unknown": unknown,
        "sentence": "A sentence.",
    }


def line(row, which, value, *runs):
    return {
        "row": row,
        "name": f'level{{which="{which}"}}',
        "labels": {} if row is None else {"which": which},
        "value": value,
        "share": 0.123456,
        "runs": list(runs),
    }


class Answer(SimpleNamespace):
    """What an answer is asked; it keeps the questions."""

    def __init__(self, query, series=8):
        super().__init__(query=query, series=series, unit="s", asked=None)

    def __len__(self):
        return self.series

    def _asked(self):
        return f"{self.query} (main)"

    def _ask(self, question, threshold, below, quantile, over):
        assert question == "slo"
        objective = {"threshold": threshold, "below": below, "quantile": quantile, "over": over}
        self.asked = objective
        return found(objective, kept=1)


HISTOGRAM = "histogram_quantile(0.9, sum by (le) (rate(request_duration_seconds_bucket[1m])))"


@pytest.mark.parametrize(
    ("query", "series", "objective", "asked"),
    [
        (HISTOGRAM, 1, {"p90_below": 0.3}, ("requests", 0.9, True)),
        ('latency_seconds{quantile="0.999"}', 8, {"p99_9_below": 0.3}, ("requests", 0.999, True)),
        ("level", 8, {"p90_below": 0.3}, ("series", 0.9, True)),
        ("level", 1, {"p90_above": 0.3}, ("time", 0.9, False)),
        ("level", 8, {"p50_below": 1, "over": "time"}, ("time", 0.5, True)),
        (HISTOGRAM, 8, {"p50_below": 0.3, "over": "servers"}, ("series", 0.5, True)),
        ("level", 8, {"below": 0.3}, ("series", None, True)),
        ("level", 8, {"above": -2}, ("series", None, False)),
    ],
)
def test_an_objective_says_what_it_is_and_over_what(query, series, objective, asked):
    over, quantile, below = asked
    answer = Answer(query, series)
    kept = cb.slo(answer, **objective)
    threshold = next(value for name, value in objective.items() if name != "over")
    assert answer.asked == {
        "threshold": threshold,
        "below": below,
        "quantile": pytest.approx(quantile) if quantile else None,
        "over": over,
    }
    told = {"requests": "over requests", "series": "over the series", "time": "over time"}
    assert (told[over] if quantile else "Every value") in repr(kept)


@pytest.mark.parametrize(
    ("query", "objective", "next_step"),
    [
        ("level", {}, "p90_below=0.3"),
        ("level", {"p90_below": 1, "p50_below": 2}, "one of them"),
        ("level", {"p900_below": 1}, "p90_below=0.3"),
        ("level", {"p90": 1}, "p90_below=0.3"),
        ("level", {"p90_below": "0.3"}, "p90_below=0.3"),
        ("level", {"p90_below": True}, "p90_below=0.3"),
        ("level", {"p90_below": float("nan")}, "p90_below=0.3"),
        ("level", {"p90_below": 1, "over": "servrs"}, "time, servers, requests"),
        ("level", {"p90_below": 1, "over": "requests"}, "over='servers'"),
        (HISTOGRAM, {"p99_below": 1}, "p90_below=…, or query histogram_quantile(0.99, …)"),
    ],
)
def test_an_objective_that_makes_no_sense_is_answered_with_one_that_does(
    query, objective, next_step
):
    with pytest.raises(cb.BadRequestError) as caught:
        cb.slo(Answer(query), **objective)
    assert next_step in caught.value.next_step


def test_each_run_of_a_breach_is_a_row_below_its_series():
    objective = {"threshold": 0.3, "below": True, "quantile": 0.9, "over": "time"}
    lines = [line(3, "b", 0.9, RUN, {**RUN, "open": False, "from_start": True}), line(1, "a", 0.4)]
    broken = Slo(found(objective, *lines, kept=6, unknown=1), "P90 over time of level below 0.3")
    assert broken.kept is False
    assert broken.over == "time"
    data = broken._repr_mimebundle_()[MIME]
    assert (data["tone"], data["headline"]) == ("bad", "A sentence.")
    first, second, third = data["rows"]
    assert (first["series"], first["value"], first["share"]) == ("which=b", 0.9, 12.3)
    assert (first["start"], first["end"]) == ("1970-01-01T00:00:10Z", "1970-01-01T00:00:30Z")
    assert first["note"] == "still so at the end"
    assert (second["series"], second["value"]) == ("", None)
    assert second["note"] == "already so at the start"
    assert (third["series"], third["start"]) == ("which=a", None)
    assert data["notes"][1] == "1 series have no number."
    assert broken.chart() is None


def test_a_breach_over_the_servers_is_one_line_and_no_number_is_no_promise_kept():
    objective = {"threshold": 0.3, "below": True, "quantile": 0.9, "over": "series"}
    broken = Slo(found(objective, line(None, "", 0.9, RUN)), "P90 over servers of level")
    assert broken.table().rows[0]["series"] == "P90 over servers of level"
    unknown = Slo(found(objective, unknown=3), "P90")
    assert unknown.kept is None
    assert unknown._repr_mimebundle_()[MIME]["tone"] == "warn"
    assert Slo(found(objective, kept=1), "P90").kept is True
