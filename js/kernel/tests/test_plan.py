"""Plans: what a cell waits for, and what it is told when the file was not moved."""

import asyncio

import pytest

import casebook as cb
from casebook import _api, _plan
from casebook._invitation import MIME, Invitation
from casebook._notebook import notebook
from casebook._time import instant_ms

FACTS = {
    "real": "/var/crash/core",
    "target": "/var/quarantine/core.1f",
    "size": 65536,
    "mtime": 1795343097,
    "mode": "-rw-r-----",
    "owner": "root:root",
    "links": 1,
    "free": 4096,
    "handles": [{"pid": 7, "writing": False, "name": "<gdb>"}],
    "blind": 3,
    "sha256": "ab" * 32,
    "growing": False,
    "fingerprint": "1:2:3:4:5",
}
PLAN = {
    "id": "00ff",
    "kind": "quarantine",
    "state": "waiting",
    "host": "web1",
    "address": "10.0.0.7",
    "port": 22,
    "facts": FACTS,
    "rows": [
        {"name": "Size", "value": "64.0 KiB (65,536 bytes)"},
        {"name": "Open in", "value": "<gdb> (process 7)"},
    ],
    "since": "2026-11-22T07:05:00Z",
    "expires_at": "2026-11-22T07:15:00Z",
    "outcome": "",
    "next": None,
    "approve_url": "http://127.0.0.1:8788/plans/00ff",
}


class Proxy:
    """Says of a plan what it is told to, in order; the last word stays."""

    def __init__(self, *states, **ending):
        self.states = list(states)
        self.ending = ending
        self.asked = []

    async def ask(self, method, path, question=None, errors=None):
        self.asked.append((method, path, question))
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return {**PLAN, "state": state, **(self.ending if not self.states[1:] else {})}

    def paths(self, method):
        return [path for asked, path, _ in self.asked if asked == method]


@pytest.fixture
def proxy(monkeypatch):
    def play(*states, made_by=Proxy, **ending):
        played = made_by(*states, **ending)
        monkeypatch.setattr(_api, "ask", played.ask)
        monkeypatch.setattr(_plan, "_PAUSE", 0.001)
        return played

    return play


def run(work):
    return asyncio.run(work)


def make():
    return cb.Plan(PLAN)


def test_a_plan_is_asked_for_by_host_and_path_only(proxy):
    played = proxy("waiting")
    plan = run(_plan.quarantine("web1", "/var/crash/core", note="fills the disk"))
    assert plan.state == "waiting"
    assert played.asked == [
        (
            "POST",
            "/api/v1/plans",
            {
                "kind": "quarantine",
                "host": "web1",
                "path": "/var/crash/core",
                "note": "fills the disk",
            },
        )
    ]


def test_a_host_makes_a_plan(proxy):
    proxy("waiting")
    host = run(cb.ssh("web1"))
    assert run(host.quarantine("/var/crash/core")).target == "/var/quarantine/core.1f"


def test_apply_waits_for_the_approval_and_then_applies_once(proxy):
    played = proxy("waiting", "waiting", "approved", "applying", "applied")
    notebook.changed_ms = None
    plan = run(make().apply())
    assert plan.state == "applied"
    assert played.paths("POST") == ["/api/v1/plans/00ff/apply"]
    assert notebook.changed_ms == instant_ms("2026-11-22T07:05:00Z", "since")


def test_nothing_is_applied_that_nobody_approved(proxy):
    played = proxy("waiting")
    with pytest.raises(cb.PlanError, match=r"Nobody approved the plan within 1s.*is where it was"):
        run(make().apply(wait="1s"))
    assert played.paths("POST") == []


@pytest.mark.parametrize("state", ["refused", "expired", "cancelled"])
def test_a_plan_that_ended_before_it_was_begun_is_an_error(proxy, state):
    played = proxy("waiting", state, outcome="The host was not asked.")
    with pytest.raises(cb.PlanError, match=rf"{state}\. The host was not asked\.") as caught:
        run(make().apply())
    assert caught.value.error_type == state
    assert played.paths("POST") == []


def test_a_move_that_failed_says_where_the_file_is(proxy):
    proxy("approved", "failed", outcome="Nothing was moved.", next="Make a new plan.")
    with pytest.raises(cb.PlanError, match="Nothing was moved") as caught:
        run(make().apply())
    assert caught.value.next_step == "Make a new plan."


def test_a_move_whose_end_nobody_saw_is_waited_for_and_never_begun_again(proxy):
    played = proxy("approved", "unknown", "unknown", "applied")
    assert run(make().apply()).state == "applied"
    assert len(played.paths("POST")) == 1
    proxy("approved", "unknown")
    with pytest.raises(cb.PlanError, match="unknown"):
        run(make().apply())


@pytest.fixture
def displayed(monkeypatch):
    """What the cell shows, in order: the first display, then each update of it."""
    shown = []

    class Handle:
        def update(self, thing):
            shown.append(thing._repr_mimebundle_())

    def display(thing, display_id=None):
        assert display_id, "without an id the display cannot be updated"
        shown.append(thing._repr_mimebundle_())
        return Handle()

    monkeypatch.setattr("IPython.display.display", display)
    return shown


def stop_while(plan, seconds=0.02):
    async def stop():
        waiting = asyncio.ensure_future(plan.apply())
        await asyncio.sleep(seconds)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await waiting
        return str(caught.value)

    return run(stop())


def test_stopping_the_wait_takes_the_plan_back_before_the_cell_ends(proxy, displayed):
    class Willing(Proxy):
        async def ask(self, method, path, question=None, errors=None):
            if path.endswith("/cancel"):
                self.states = ["cancelled"]
                self.ending = {"outcome": "It was cancelled; the host was not asked."}
            return await super().ask(method, path, question, errors)

    played = proxy("waiting", made_by=Willing)
    said = stop_while(make())
    assert played.paths("POST") == ["/api/v1/plans/00ff/cancel"]
    assert said.endswith(": cancelled. It was cancelled; the host was not asked.")
    assert [bundle[MIME]["state"] for bundle in displayed] == ["waiting", "cancelled"]


def test_stopping_a_move_that_runs_says_that_it_goes_on(proxy):
    played = proxy("approved", "applying")
    assert "it was begun, and goes on" in stop_while(make())
    assert played.paths("POST") == ["/api/v1/plans/00ff/apply"]


def test_stopping_when_the_proxy_is_away_does_not_say_that_the_plan_is_gone(proxy, monkeypatch):
    class Away(Proxy):
        async def ask(self, method, path, question=None, errors=None):
            if path.endswith("/cancel"):
                raise cb.UnreachableError("The proxy did not answer.")
            return await super().ask(method, path, question, errors)

    proxy("waiting", made_by=Away)
    assert "nobody knows how it stands" in stop_while(make())


def test_the_waiting_cell_shows_each_change_once(proxy, displayed):
    proxy("waiting", "waiting", "waiting", "approved", "applying", "applied")
    run(make().apply())
    assert [bundle[MIME]["state"] for bundle in displayed] == ["waiting", "approved", "applied"]
    assert PLAN["approve_url"] in displayed[0]["text/html"]
    for later in displayed[1:]:
        assert "href" not in later["text/html"], "a plan that does not wait offers no approval"


def test_a_wait_that_ran_out_says_that_the_plan_still_waits(proxy, displayed):
    proxy("waiting")
    with pytest.raises(cb.PlanError) as caught:
        run(make().apply(wait="1s"))
    assert "waits until 2026-11-22T07:15:00Z" in caught.value.next_step
    assert displayed[-1][MIME]["state"] == "waiting"
    assert displayed[-1][MIME]["note"] == "The cell waited for 1s, and waits no longer."
    assert "waits no longer" in displayed[-1]["text/plain"]


def test_a_plan_that_was_approved_before_shows_no_invitation(proxy, displayed):
    proxy("approved", "applied")
    run(make().apply())
    assert displayed == []


def test_an_undo_is_a_plan_of_its_own(proxy):
    played = proxy("waiting", kind="undo")
    undo = run(make().undo())
    assert "Moves back" in undo.sentence
    assert played.paths("POST") == ["/api/v1/plans/00ff/undo"]


def test_the_display_shows_the_facts_and_the_way_to_approve():
    bundle = make()._repr_mimebundle_()
    html, text = bundle["text/html"], bundle["text/plain"]
    assert "&lt;gdb&gt;" in html
    assert "<gdb>" not in html
    for shown in (
        "64.0 KiB (65,536 bytes)",
        "(process 7)",
        PLAN["id"],
        PLAN["approve_url"],
        "casebook-proxy approve",
    ):
        assert shown in text
    assert bundle[cb._table.MIME]["tone"] == "warn"


def test_the_invitation_has_the_link_for_people_and_none_for_the_renderer():
    bundle = Invitation(make())._repr_mimebundle_()
    assert f'href="{PLAN["approve_url"]}"' in bundle["text/html"]
    assert PLAN["approve_url"] in bundle["text/plain"]
    assert PLAN["approve_url"] not in str(bundle[MIME])
    assert bundle[MIME] == {
        "id": "00ff",
        "what": "Moves /var/crash/core to /var/quarantine/core.1f on web1",
        "state": "waiting",
        "expires_at": "2026-11-22T07:15:00Z",
        "outcome": "",
        "note": "",
    }


def test_the_display_of_a_plan_that_needs_no_approval_asks_for_none():
    done = cb.Plan({**PLAN, "state": "applied", "outcome": "The file was moved."})
    assert PLAN["approve_url"] not in repr(done)
    assert done.table().tone == "ok"
    failed = cb.Plan({**PLAN, "state": "failed", "next": "Make a new plan."})
    assert "Make a new plan." in repr(failed)
    assert failed.table().tone == "bad"
