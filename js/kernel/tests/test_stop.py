"""Stop: which cell it ends, and what that cell says; in IPython's own shell."""

import asyncio
import time

import pytest
from IPython.core.interactiveshell import InteractiveShell

import casebook as cb
from casebook._stop import Stopper

PAGE = "page-1"


class Kernel:
    _parent_header = {"header": {"session": PAGE}}  # noqa: RUF012 - as the kernel has it


class Shell(InteractiveShell):
    """A shell that keeps the error that it shows, as the kernel's does."""

    shown = None

    def _showtraceback(self, etype, evalue, stb):
        self.shown = (etype, stb)


@pytest.fixture
def shell():
    made = Shell()
    made.kernel = Kernel()
    made.stopper = Stopper(made)
    made.events.register("pre_run_cell", made.stopper.begin)
    made.user_ns["asyncio"] = asyncio
    return made


def now_ms():
    return time.time() * 1000


async def cell(shell, source):
    result = await shell.run_cell_async(source, transformed_cell=source)
    return result.error_in_exec


def test_stop_ends_the_cell_that_awaits_and_says_so(shell):
    async def story():
        running = asyncio.ensure_future(cell(shell, "await asyncio.sleep(30)\nlate = 1"))
        await asyncio.sleep(0.05)
        assert shell.stopper.hear(PAGE, now_ms())
        return await asyncio.wait_for(running, 5)

    assert isinstance(asyncio.run(story()), asyncio.CancelledError)
    kind, lines = shell.shown
    assert kind is cb.StoppedError
    assert lines[0] == "StoppedError: You stopped this cell before its end."
    assert "late" not in shell.user_ns


def test_the_cell_says_what_became_of_what_it_did(shell):
    source = (
        "try:\n"
        "    await asyncio.sleep(30)\n"
        "except asyncio.CancelledError:\n"
        "    raise asyncio.CancelledError('The plan was taken back.') from None\n"
    )

    async def story():
        running = asyncio.ensure_future(cell(shell, source))
        await asyncio.sleep(0.05)
        shell.stopper.hear(PAGE, now_ms())
        await asyncio.wait_for(running, 5)

    asyncio.run(story())
    assert shell.shown[1][0] == "StoppedError: You stopped this cell. The plan was taken back."


def test_the_next_cell_runs_and_its_own_cancellations_are_its_own(shell):
    async def story():
        running = asyncio.ensure_future(cell(shell, "await asyncio.sleep(30)"))
        await asyncio.sleep(0.05)
        shell.stopper.hear(PAGE, now_ms())
        await running
        assert await cell(shell, "await asyncio.sleep(0)\nnext_one = 42") is None
        return await cell(shell, "raise asyncio.CancelledError('mine')")

    assert str(asyncio.run(story())) == "mine"
    assert shell.user_ns["next_one"] == 42
    assert shell.shown[0] is asyncio.CancelledError


def test_a_stop_that_the_cell_caught_is_not_told_of_the_next_cell(shell):
    source = (
        "try:\n    await asyncio.sleep(30)\nexcept asyncio.CancelledError:\n    caught = True\n"
    )

    async def story():
        running = asyncio.ensure_future(cell(shell, source))
        await asyncio.sleep(0.05)
        assert shell.stopper.hear(PAGE, now_ms())
        assert await asyncio.wait_for(running, 5) is None
        return await cell(shell, "raise asyncio.CancelledError('mine')")

    assert str(asyncio.run(story())) == "mine"
    assert shell.user_ns["caught"]
    assert shell.shown[0] is asyncio.CancelledError


def test_a_stop_of_another_page_or_of_an_earlier_cell_ends_nothing(shell):
    async def story():
        before = now_ms() - 1
        running = asyncio.ensure_future(cell(shell, "await asyncio.sleep(0.2)\ndone = True"))
        await asyncio.sleep(0.05)
        assert not shell.stopper.hear("another-page", now_ms())
        assert not shell.stopper.hear(PAGE, before)
        assert await running is None
        assert not shell.stopper.hear(PAGE, now_ms())

    asyncio.run(story())
    assert shell.user_ns["done"]


def test_a_cell_that_computes_comes_to_its_own_end(shell):
    shell.user_ns["heard"] = lambda: shell.stopper.hear(PAGE, now_ms())

    async def story():
        return await cell(shell, "stopped = heard()\nawait asyncio.sleep(0)\nend = True")

    assert asyncio.run(story()) is None
    assert shell.user_ns["stopped"] is False
    assert shell.user_ns["end"] is True
