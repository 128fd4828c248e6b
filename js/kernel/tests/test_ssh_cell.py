"""``%%ssh`` in a real IPython shell."""

import ast
import asyncio

import pytest
from IPython.core.interactiveshell import InteractiveShell

import casebook as cb
from casebook import _ssh_cell
from casebook._ssh_cell import parse, rewrite


@pytest.fixture
def shell():
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    _ssh_cell.register(shell)
    _ssh_cell.register(shell)
    yield shell
    InteractiveShell.clear_instance()


def test_a_cell_becomes_an_await_of_its_host_and_its_lines(shell):
    (only,) = ast.parse(shell.transform_cell("%%ssh i-0abc\nls /var/crash\nps\n")).body
    host, text = only.value.value.args
    assert (host.value, text.value) == ("i-0abc", "ls /var/crash\nps\n")
    (only,) = ast.parse(shell.transform_cell("%%ssh {host}\nps\n")).body
    assert only.value.value.args[0].id == "host"


@pytest.mark.parametrize("other", ["x = 1\n", "%%sshx\nps\n", "# %%ssh\n", ""])
def test_other_cells_stay_as_they_are(other):
    lines = other.splitlines(keepends=True)
    assert rewrite(lines) == lines


def test_no_text_breaks_out_of_its_string():
    nasty = "'''\"\"\"\\\n{x='\\'\"}\n"
    (call,) = rewrite(["%%ssh a'b\n", *nasty.splitlines(keepends=True)])
    host, text = ast.parse(call).body[0].value.value.args
    assert (host.value, text.value) == ("a'b", nasty)


@pytest.mark.parametrize(
    ("line", "command", "params"),
    [
        ("ls /var/crash", "ls", {"path": "/var/crash"}),
        ("stat '/var/crash/a b'  # the core", "stat", {"path": "/var/crash/a b"}),
        ("ps", "ps", {}),
        ("tail -n 5 /a", "tail", {"lines": 5, "path": "/a"}),
        ("tail --lines=5 /a", "tail", {"lines": 5, "path": "/a"}),
        ("coredumpctl info 17", "coredumpctl_info", {"pid": 17}),
        (
            "journalctl -u nginx.service --since 15m -n 50",
            "journalctl",
            {"unit": "nginx.service", "since": "15m", "lines": 50},
        ),
    ],
)
def test_a_line_is_a_command_and_its_parameters(line, command, params):
    assert parse(line) == (command, params)


@pytest.mark.parametrize(
    "line",
    [
        "rm /var/crash/core",
        "ls -R /",
        "ls /a /b",
        "ls /a; rm /b",
        "ps aux",
        "ls 'open",
        "tail -f /a",
        "tail /a -n",
        "journalctl nginx",
    ],
)
def test_a_line_that_is_no_command_is_refused_before_any_runs(line):
    with pytest.raises(cb.BadRequestError) as caught:
        asyncio.run(_ssh_cell.run("web1", f"ps\n{line}\n"))
    assert caught.value.next_step


def test_a_cell_without_host_or_commands_says_what_to_write():
    for host, text in [("", "ps\n"), ("web1", "\n# nothing\n")]:
        with pytest.raises(cb.BadRequestError, match=r"holds no command|names no host"):
            asyncio.run(_ssh_cell.run(host, text))


def test_the_kernel_sends_what_the_cell_says(shell):
    asked = []

    class Host(cb.Host):
        async def run(self, command, **params):
            asked.append((self.name, command, params))
            return f"{command} ran"

    outputs = asyncio.run(_ssh_cell.run(Host("web1"), "ls /a\n\ntail -n 2 /b\n"))
    assert tuple(outputs) == ("ls ran", "tail ran")
    assert asked == [("web1", "ls", {"path": "/a"}), ("web1", "tail", {"path": "/b", "lines": 2})]
