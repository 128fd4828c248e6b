"""What a person gets in the kernel itself, from the query to the number."""

from pathlib import Path

STARTUP = Path(__file__).parents[2] / "startup/10-casebook.py"


def test_the_core_is_compiled_when_the_kernel_starts(cell):
    cell(f"""
        from unittest.mock import MagicMock
        from casebook import _core

        warmed, module = [], await _core.load()
        class Watched:
            def warm_up(self):
                warmed.append(module.warm_up())
        async def load():
            return Watched()
        _core.load, kept = load, _core.load
        try:
            exec({STARTUP.read_text("utf-8")!r}, {{"get_ipython": MagicMock()}})
            await _core._starting
        finally:
            _core.load = kept
        assert warmed == [None], warmed
    """)


def test_an_answer_is_a_chart_a_ranking_and_numbers_on_request(cell):
    cell("""
        matrix = await ask("fleet", last="5m", step="10s", unit="s")
        assert len(matrix) == 3
        assert [series["which"] for series in matrix.series] == ["a", "b", "c"]
        ranking = matrix.amplitude()
        assert ranking[0]["which"] == "b" and ranking.to_dict()["ranked"][0]["value"] == 5.0
        assert "which=b" in repr(matrix)

        bundle = matrix._repr_mimebundle_()
        assert set(bundle) == {
            "application/vnd.casebook.timeseries.v1+json", "image/svg+xml", "text/plain"
        }
        svg = bundle["image/svg+xml"]
        assert svg.startswith("<svg") and 'data-theme="light"' in svg
        chart = bundle["application/vnd.casebook.timeseries.v1+json"]
        assert (chart["start_ms"], chart["step_ms"], chart["steps"]) == (1795330800000, 10000, 31)
        assert chart["series"][0]["labels"]["which"] == "b" and chart["series"][0]["highlight"]
        assert chart["series"][0]["values"][:3] == [0.0, 5.0, 0.0] and chart["unit"] == "s"
        assert chart["title"] == "level" and "3 series" in chart["alt"]
        assert chart["table"]["rows"][0]["series"] == "which=b"
        svg = matrix.chart(threshold=4, title="P90 & co", highlight=[{"which": "c"}]).svg
        assert "P90 &amp; co" in svg

        columns = matrix.to_columns()
        assert list(columns) == ["time", *(series.name for series in matrix.series)]
        assert columns["time"][:2] == [1795330800.0, 1795330810.0]
        assert columns['level{which="b"}'][:3] == [0.0, 5.0, 0.0]

        facts = matrix.to_dict()
        assert facts["receipt"]["seq"] == 7 and facts["receipt"]["hash"] == "ab12"
        assert len(facts["receipt"]["sha256"]) == 64
    """)


def test_the_verdict_asks_for_the_time_before_by_itself(cell, origin):
    cell(f"""
        import json, js
        matrix = await ask("fleet", last="5m")
        verdict = await matrix.suspects(baseline="30m")
        assert verdict.kind in ("clear", "tie", "none") and verdict.reason
        assert [series["which"] for series in verdict.ranking]
        seen = json.loads(await (await js.fetch("{origin}/seen/fleet")).text())
        assert seen["form"]["start"] == str(1795330800 - 10 - 1800)
        assert seen["form"]["end"] == str(1795330800 - 10)
        assert await matrix.suspects(baseline=None)
        try:
            await matrix.suspects(baseline=None, margn=2)
        except cb.BadRequestError as error:
            assert "margn" in error.message
        else:
            raise AssertionError("a setting that does not exist was taken")
    """)


def test_each_kind_of_amplitude_is_named_and_a_swing_ratio_says_what_it_lacks(cell):
    cell("""
        matrix = await ask("fleet", last="5m", unit="s")
        assert matrix.amplitude().kind == "peak_to_peak"
        assert matrix.amplitude("p95_p5")[0]["which"] == "b"
        # More than half of its samples are 0.
        assert matrix.amplitude("mad").to_dict()["ranked"][1]["value"] == 0
        relative = matrix.amplitude(kind="relative")
        assert relative.kind == "relative" and "median is 0" in repr(relative)
        assert [series["which"] for series in relative] == ["a", "c"]
        try:
            matrix.amplitude(kind="swing_ratio")
        except cb.BadRequestError as error:
            assert ".suspects()" in error.next_step and 'step="10s"' in error.next_step
        else:
            raise AssertionError("a swing ratio without the time before")
        try:
            matrix.amplitude(kind="loudness")
        except cb.BadRequestError as error:
            assert "p95_p5" in error.next_step
        else:
            raise AssertionError("an amplitude that does not exist")
        before = await ask("fleet", start="2026-11-22T06:00Z", end="2026-11-22T06:59:50Z")
        given = matrix.amplitude(kind="swing_ratio", baseline=before)
        assert [item["value"] for item in given.to_dict()["ranked"]] == [1.0, 1.0, 1.0]
        assert "own before (s)" in repr(given)
        await matrix.suspects(baseline="30m")
        assert len(matrix.amplitude(kind="swing_ratio")) == 3
    """)


def test_tables_show_the_samples_of_each_series(cell):
    cell("""
        matrix = await ask("fleet", last="5m", step="10s", unit="s")
        first = matrix.amplitude().table().data()["rows"][0]["line"]
        assert first["now"][:3] == [0, 100, 0] and len(first["now"]) == 31, first
        assert first["alt"].startswith("0 to 5 s, last ") and "before" not in first
        verdict = await matrix.suspects(baseline="30m")
        rows = verdict.table().data()["rows"]
        assert len(rows) == 3
        for row in rows:
            assert len(row["line"]["now"]) == 31 and len(row["line"]["before"]) == 24, row
        assert "│" in repr(verdict)
    """)


def test_the_recheck_asks_the_same_query_up_to_now(cell, origin):
    cell(f"""
        import json, js, time
        matrix = await ask("fleet", last="5m")
        recheck = await matrix.recheck()
        assert recheck.state in ("recovered", "not_yet", "cannot_tell") and recheck.sentence
        assert recheck.to_dict()["labels"]["which"] == "b"
        assert len(recheck.after) == 3
        seen = json.loads(await (await js.fetch("{origin}/seen/fleet")).text())
        assert abs(float(seen["form"]["end"]) - time.time()) < 30
        assert float(seen["form"]["end"]) - float(seen["form"]["start"]) == 300
        since = await matrix.recheck(since=time.time() - 200)
        assert "after the change at" in repr(since) and since.chart().title == "level, up to now"
        seen = json.loads(await (await js.fetch("{origin}/seen/fleet")).text())
        later = float(seen["form"]["end"]) - float(seen["form"]["start"])
        assert 60 <= later < 300, later
        named = await matrix.recheck(suspect={{"which": "a"}})
        assert named.to_dict()["labels"]["which"] == "a"
        try:
            await matrix.recheck(suspect={{"__name__": "level"}})
        except cb.BadRequestError as error:
            assert "which=a, which=b, which=c" in error.message
        else:
            raise AssertionError("three series were taken for one")
    """)


def test_each_failure_is_an_error_to_catch_and_the_notebook_goes_on(cell):
    printed = cell("""
        for source in ["syntax", "signedout", "down", "slow", "html", "gateway", "cut", "scalar"]:
            try:
                await ask(source)
            except cb.CasebookError as error:
                assert error.source == source and error.query == "level" and error.next_step
                print(type(error).__name__, error.status)
        try:
            await ask("toomany", start="2026-11-22T00:00Z", end="2026-11-22T04:00Z", step="1s")
        except cb.LimitError as error:
            print(error.next_step)
        assert len(await ask("fleet")) == 3
    """)
    assert printed == [
        "PrometheusError 400",
        "SessionError 401",
        "ProxyError 502",
        "ProxyError 504",
        "NotJsonError 200",
        "NotJsonError 503",
        "TruncatedError 200",
        "ShapeError 200",
        'Use step="2s" or longer for this window, or a shorter window.',
    ]


def test_cancelling_a_cell_closes_its_connection(cell, origin):
    cell(f"""
        import asyncio, js, time
        asked = asyncio.ensure_future(ask("endless"))
        await asyncio.sleep(0.5)
        cancelled = time.time()
        asked.cancel()
        try:
            await asked
        except asyncio.CancelledError:
            pass
        for _ in range(40):
            closed = await (await js.fetch("{origin}/closed/endless")).text()
            if closed:
                break
            await asyncio.sleep(0.05)
        assert closed and int(closed) / 1000 - cancelled < 1, closed
        assert len(await ask("fleet")) == 3
    """)


def test_a_closed_matrix_says_so_and_gives_its_memory_back(cell):
    cell("""
        matrix = await ask("fleet")
        matrix.close()
        matrix.close()
        assert repr(matrix) == "level (fleet): closed"
        try:
            matrix.amplitude()
        except cb.CasebookError as error:
            assert "closed" in error.message and error.next_step
        else:
            raise AssertionError("a closed matrix answered")
    """)


def test_an_answer_that_is_forgotten_gives_its_memory_back(cell):
    cell("""
        import json, js
        from casebook import _core
        from casebook._matrix import Matrix
        from pyodide.ffi import to_js
        core = await _core.load()
        values = ",".join(f'[{1795330800 + 10 * k},"1.5"]' for k in range(31))
        result = ",".join(f'{{"metric":{{"which":"{r}"}},"values":[{values}]}}' for r in range(500))
        start = '{"status":"success","data":{"resultType":"matrix","result":['
        body = to_js((start + result + "]}}").encode())
        request = json.dumps({
            "base": "http://localhost", "source": "frozen", "query": "level",
            "start_ms": 1795330800000, "end_ms": 1795331100000, "step_ms": 10000,
        })
        def decoded():
            feed = core.Feed.new(request)
            feed.push(body)
            return Matrix(feed.finish(), source=cb.prometheus("frozen"), window=cb.window())
        grown = lambda: core.initSync().memory.buffer.byteLength
        decoded()
        before = grown()
        for _ in range(50):
            assert len(decoded()) == 500
        assert grown() == before, (before, grown())
    """)


def test_the_case_travels_with_each_query(cell, origin):
    cell(f"""
        import json, js
        cb.case("burn 7")
        await ask("fleet")
        seen = json.loads(await (await js.fetch("{origin}/seen/fleet")).text())
        assert seen["headers"]["x-casebook-case"] == "burn 7"
        from casebook._notebook import notebook
        notebook.case = None
    """)


def test_a_promql_cell_runs_where_there_is_no_stack_switching(cell):
    cell("""
        from casebook import _promql_cell
        code = "".join(_promql_cell.rewrite(["%%promql p90 --source fleet\\n", "level\\n"]))
        scope = {"__casebook_promql__": _promql_cell.run}
        from pyodide.code import eval_code_async
        shown = await eval_code_async(code, scope)
        assert shown is scope["p90"] and len(shown) == 3
    """)


def test_the_chart_of_a_long_window_is_the_envelope_of_the_core(cell):
    cell("""
        import json
        from casebook import _core
        from casebook._matrix import Matrix
        from pyodide.ffi import to_js
        core = await _core.load()
        value = lambda k: 99 if k == 7777 else k % 3
        values = ",".join(f'[{1795330800 + k},"{value(k)}"]' for k in range(10000))
        body = (
            '{"status":"success","data":{"resultType":"matrix","result":['
            f'{{"metric":{{"which":"a"}},"values":[{values}]}}' "]}}"
        )
        request = {
            "base": "http://localhost", "source": "frozen", "query": "level",
            "start_ms": 1795330800000, "end_ms": 1795330800000 + 9_999_000, "step_ms": 1000,
        }
        feed = core.Feed.new(json.dumps(request))
        feed.push(to_js(body.encode()))
        handle = feed.finish()
        matrix = Matrix(handle, source=cb.prometheus("frozen"), window=cb.window())
        chart = matrix._repr_mimebundle_()["application/vnd.casebook.timeseries.v1+json"]
        only = chart["series"][0]
        assert chart["steps"] == 10000 and len(only["min"]) == len(only["max"]) == 1000
        assert only["min"][0] == 0 and only["max"][0] == 2 and only["max"][777] == 99
    """)


def test_an_answer_tells_when_its_series_changed_and_a_verdict_since_when(cell):
    cell("""
        stepped = await ask("stepped", last="5m", step="10s")
        onsets = stepped.onsets()
        assert [(series["which"], item["place"]) for series, item in zip(
            onsets, onsets.to_dict()["order"], strict=True
        )] == [("b", 1), ("c", 2)], onsets
        first = onsets.to_dict()["order"][0]
        assert (first["after_ms"], first["by_ms"]) == (1795330910000, 1795330920000)
        assert 'which="b" was first' in onsets.sentence and "UTC" in onsets.sentence

        verdict = await stepped.suspects(baseline="1h")
        assert verdict.kind == "clear" and verdict.top["which"] == "b", verdict
        assert verdict.since.onset["by_ms"] == 1795330920000
        assert verdict.since.sentence.endswith("None changed before."), verdict.since.sentence
        assert not (await ask("fleet")).onsets()
    """)


def test_a_verdict_keeps_its_answer_and_is_forgotten_with_it(cell):
    cell("""
        import gc, weakref
        matrix = await ask("fleet")
        verdict = await matrix.suspects(baseline=None)
        held = weakref.ref(matrix)
        gc.disable()
        del matrix
        assert len(verdict.since.to_dict()["without"]) == 3 and held() is not None
        del verdict
        assert held() is None
        gc.enable()
    """)


def test_a_verdict_tells_which_label_value_its_suspects_share(cell):
    cell("""
        verdict = await (await ask("zones", last="5m")).suspects(baseline="1h")
        contrast = verdict.contrast(top=3)
        assert contrast.separates == [{"zone": "z1"}], contrast
        assert contrast.sentence.startswith('zone="z1": 3 of 3 suspects, 4 of 20 series')
        assert any(note.startswith("which=…: no") for note in contrast.to_dict()["others"])
        for top in (0, 20, "3"):
            try:
                verdict.contrast(top=top)
            except cb.BadRequestError as error:
                assert "1 to 19" in error.next_step
            else:
                raise AssertionError("nothing was compared with nothing")
    """)


def test_what_else_moved_is_found_among_the_metrics_of_the_suspects_target(cell, origin):
    cell(f"""
        import json, js
        matrix = await ask("target", last="5m")
        verdict = await matrix.suspects(baseline="1h")
        assert verdict.top["which"] == "b", verdict
        found = await cb.what_else(verdict)
        data = found.to_dict()
        assert data["labels"] == {{"instance": "b:9100", "job": "fleet"}}
        names = sorted(item["name"] for item in data["matches"])
        assert names == ["disk_jumps", "rate(errors_total)"], found
        assert data["matches"][0]["onset_ms"] == [1795330910000, 1795330920000]
        assert data["failed"] == {{"broken": data["failed"]["broken"]}}
        assert "too many samples" in data["failed"]["broken"]
        assert data["empty"] == ["absent"] and data["not_asked"] == []
        assert "2 of 3 other series moved with level" in found.sentence
        busy = json.loads(await (await js.fetch("{origin}/busy")).text())
        assert busy["most"] <= 4, busy
        where = '{{instance="b:9100", job="fleet"}}'
        assert where in busy["queries"], busy
        assert "rate(errors_total" + where + "[1m])" in busy["queries"], busy
        assert not any("bucket" in query for query in busy["queries"])

        named = await cb.what_else(verdict, metrics=["memory_stays"], suspect=verdict.ranking[1])
        assert len(named) == 0 and "None of the 1 other series" in named.sentence
        try:
            await cb.what_else(verdict, metrics="disk_jumps")
        except cb.BadRequestError as error:
            assert "metrics=['disk_jumps']" in error.next_step
        else:
            raise AssertionError("a name was taken for a list of letters")
    """)


def test_stopping_what_else_closes_its_connections(cell, origin):
    cell(f"""
        import asyncio, json, js
        verdict = await (await ask("target", last="5m")).suspects(baseline="1h")
        names = [f"hangs_{{i}}" for i in range(9)]
        running = asyncio.ensure_future(cb.what_else(verdict, metrics=names))
        busy = lambda: js.fetch("{origin}/busy")
        for _ in range(60):
            await asyncio.sleep(0.05)
            if json.loads(await (await busy()).text())["now"] == 4:
                break
        running.cancel()
        try:
            await running
        except asyncio.CancelledError as stopped:
            assert "0 of 9 metrics" in str(stopped), stopped
        for _ in range(60):
            now = json.loads(await (await busy()).text())["now"]
            if now == 0:
                break
            await asyncio.sleep(0.05)
        assert now == 0, now
    """)


def test_an_objective_is_held_against_an_answer(cell):
    cell("""
        stepped = await ask("stepped", last="5m", step="10s", unit="s")
        each = cb.slo(stepped, below=25)
        assert each.kept is False and [line["row"] for line in each.to_dict()["lines"]] == [1, 2]
        run = each.to_dict()["lines"][0]["runs"][0]
        assert (run["start_ms"], run["open"]) == (1795330920000, True)
        assert 'the worst is which="b", at 50.' in each.sentence, each.sentence
        servers = cb.slo(stepped, p90_below=30)
        assert servers.over == "servers" and "P90 over 3 series at each step" in servers.sentence
        time = cb.slo(stepped, p90_below=30, over="time")
        assert [line["row"] for line in time.to_dict()["lines"]] == [1, 2]
        assert cb.slo(stepped, p50_above=1, over="time").kept
        assert "<svg" in each.chart().svg and each.chart().title == "level"
        asked = 'histogram_quantile(0.9, sum by (le) (rate(x_bucket[1m])))'
        requests = cb.slo(await ask("fleet", asked), p90_below=4)
        assert requests.over == "requests" and "P90 over requests" in requests.sentence
    """)
