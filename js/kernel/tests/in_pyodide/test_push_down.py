"""A fleet that is too big to fetch, on a real Prometheus: what comes back, and what it says."""

import pytest

pytestmark = pytest.mark.usefixtures("fleet")


def test_pushed_down_or_not_the_ranking_is_the_same_and_the_answer_says_which(cell):
    cell("""
        whole = await ask("real", push_down="never")
        few = await ask("real", push_down="always", keep=20)
        assert len(whole) == 300 and 50 <= len(few) <= 80
        assert "pushed_down" not in whole.to_dict() and few.query == "level"

        # Of the twenty greatest, every number and place is as in the whole.
        facts = lambda item: (item["labels"], item["value"], item["min"], item["max"])
        ranked = lambda matrix: [facts(item) for item in matrix.amplitude().to_dict()["ranked"]]
        assert ranked(few)[:20] == ranked(whole)[:20]
        kept = [labels for labels, *_ in ranked(few)]
        assert ranked(few) == [item for item in ranked(whole) if item[0] in kept]

        pushed = few.to_dict()["pushed_down"]
        engine = [(item["labels"], item["amplitude"]) for item in pushed["amplitudes"]]
        nameless = lambda labels: {k: v for k, v in labels.items() if k != "__name__"}
        assert engine == [(nameless(item[0]), item[1]) for item in ranked(whole)[:20]]
        assert (pushed["series"], pushed["thin"], pushed["windows"]) == (300, 0, 12)
        assert [query["for"] for query in pushed["queries"]] == [
            "amplitude", "coverage", "the typical habit", "the swing ratio",
            "the distance from the usual level", "others to compare with", "the samples",
        ]
        assert all(query["seq"] for query in pushed["queries"][:6])

        assert f"Amplitude of level (real, {len(few)} of 300 series)" in repr(few)
        for shown in (repr(few), repr(few.amplitude())):
            assert "Pushed down: the amplitude of 300 series over 2026-11-22T07:00:00Z" in shown
            assert "the 20 that swing most against their own habit" in shown
            assert "Ranks beyond 20 are those among the fetched series." in shown
            assert "Ran for amplitude" in shown and "topk(21, " in shown
        chart = few._repr_mimebundle_()["application/vnd.casebook.timeseries.v1+json"]
        assert chart["title"] == f"level, {len(few)} of 300 series"
        assert chart["table"]["notes"][0].startswith("Pushed down")
    """)


def test_the_suspect_of_some_is_the_suspect_of_all(cell):
    cell("""
        few = await ask("real", push_down="always", keep=10)
        whole = await ask("real")
        verdict, wanted = await few.suspects(), await whole.suspects()
        assert wanted.kind == verdict.kind == "clear", (wanted, verdict)
        assert verdict.top["which"] == wanted.top["which"] == "s123"
        shown = repr(verdict)
        assert "of 300 series were judged by the source alone, by amplitude, swing" in shown
        assert "Among all 300 series, by the source, over 12 windows before: its swing is" in shown
        last = few.to_dict()["pushed_down"]["queries"][-1]
        assert last["for"] == "what chance explains of a swing"
        recheck = await few.recheck()
        assert recheck.after.query == "level" and recheck.chart().title == "level, up to now"
        assert recheck.state == "cannot_tell" and recheck.to_dict()["labels"]["which"] == "s123"
        peers = await few.suspects(baseline=None)
        assert "judged by the source alone" in repr(peers)
    """)


def test_the_oddest_of_a_quiet_fleet_is_not_accused_because_the_rest_is_not_there(cell):
    cell("""
        quiet = {"start": "2026-11-22T06:50Z", "end": "2026-11-22T06:55Z", "push_down": "always"}
        few = await ask("real", keep=5, **quiet)
        verdict = await few.suspects()
        assert verdict.kind == "none", verdict
        # Even if the core accused it: chance has to be asked of all.
        data = verdict.to_dict()
        top = data["ranking"][0]
        odd = {"ratio": 1.1, "units": 2.0, "limit": 1.0, "odd": True}
        ranking = [{**top, "swing": odd, "shift": odd}]
        accused = {"kind": "clear", "top": top["row"], "ranking": ranking}
        judged = await few._pushed.judged({**data, **accused, "checks": [], "warnings": []})
        assert (judged["kind"], judged["top"]) == ("none", None)
        assert judged["reason"].startswith("No suspect: level{")
        assert "but not among all 300: its swing is" in judged["reason"]
        assert not judged["checks"][-1]["interesting"]
    """)


def test_what_fits_is_fetched_whole_and_what_does_not_is_ranked_without_being_told_to(cell, origin):
    cell(f"""
        import json, js
        seen = lambda: js.fetch("{origin}/seen/real")
        whole = await ask("real", last="1h")
        assert len(whole) == 300 and "pushed_down" not in whole.to_dict()

        # 300 series of 361 points are more than 200 kB: that shows in the estimate.
        few = await ask("small", last="1h", keep=3)
        assert len(few) <= 12 and few.to_dict()["pushed_down"]["windows"] == 5
        why = "About 108,300 samples (300 series × 361 points), and at most 5,128 are fetched."
        assert why in repr(few)
        assert "judged by the source alone" in repr(await few.suspects())

        # 300 series of 31 points are, too: that shows when the answer breaks off.
        few = await ask("small", last="5m", keep=3)
        assert len(few) <= 12 and "About 9,300 samples" in repr(few)
        try:
            await ask("small", last="5m", push_down="never")
        except cb.TruncatedError as error:
            assert "push_down" in error.next_step
        else:
            raise AssertionError("a cut answer was taken for a whole one")
    """)


def test_more_points_than_come_at_once_come_in_parts(cell):
    cell("""
        whole = await ask("real", last="1h", push_down="always", keep=4)
        parts = await ask("tight", last="1h", keep=4)
        assert "at most 100 points of a series come at once" in repr(parts)
        assert parts.to_dict()["points"] == 361 and len(parts) == len(whole)
        assert parts.to_columns() == whole.to_columns()
        assert parts.to_dict()["start"] == whole.to_dict()["start"]
        assert parts.amplitude().to_dict()["ranked"] == whole.amplitude().to_dict()["ranked"]
    """)


def test_what_cannot_be_pushed_down_says_why_and_what_to_do(cell):
    printed = cell("""
        async def said(query, **more):
            try:
                await ask("real", query, push_down="always", **more)
            except cb.CasebookError as error:
                assert error.query == query or isinstance(error, cb.BadRequestError)
                print(type(error).__name__, "|", error.message, "|", error.next_step)
        await said("level @ 1795331100")
        await said('level{which=~"s1.*"} or level * 2')
        await said("rate(level[")
        await said("level", keep=0)
        await said("level", start="2026-11-22T04:50Z", end="2026-11-22T05:10Z", keep=5)
        assert len(await ask("real", "level @ 1795331100", last="1h")) == 300
        assert len(await ask("real", "nothing", push_down="always")) == 0
        assert len(await ask("real", "1", push_down="always")) == 1
        try:
            await ask("real", push_down="perhaps")
        except cb.BadRequestError as error:
            assert "'auto', 'always', 'never'" in error.message
    """)
    pinned, mixed, syntax, none, thin = printed
    assert "it has no amplitude over a window" in pinned
    assert "The query has 2 metrics (one without a name, level)" in mixed
    assert syntax.startswith("PrometheusError")
    assert "1:12: parse error" in syntax
    assert none.startswith("BadRequestError | keep=0")
    assert thin.startswith("LimitError | The source ranked none of the series: all 300")


def test_a_baseline_that_is_too_big_is_not_fetched_by_surprise(cell):
    cell("""
        from casebook import _limits
        most, _limits.MOST_SAMPLES = _limits.MOST_SAMPLES, 100_000
        try:
            await (await ask("real")).suspects()
        except cb.LimitError as error:
            assert "108,300 samples" in error.message and "push_down" in error.next_step
        else:
            raise AssertionError("108,300 samples were fetched")
        finally:
            _limits.MOST_SAMPLES = most
    """)
