"""``%%ssh``: a cell that holds commands for one host, one a line.

The lines look like those of a shell, but none ever sees one: each is read here into a command of
the proxy's catalogue and its parameters.
"""

from __future__ import annotations

import re
import shlex
from typing import Any

from casebook._errors import BadRequestError
from casebook._ssh import Host, Outputs, ssh

MAGIC = "%%ssh"
_RUN = "__casebook_ssh__"
_USAGE = "%%ssh i-0abc, or %%ssh {host} with a variable, and below it lines such as ls /var/crash"
_VARIABLE = re.compile(r"\{([A-Za-z_]\w*)\}")

# The option words of each command, by the parameter that they give; "" is the plain word.
_COMMANDS: dict[str, dict[str, str]] = {
    "coredumpctl_info": {"": "pid"},
    "df": {"": "path"},
    "journalctl": {
        "-u": "unit",
        "--unit": "unit",
        "-S": "since",
        "--since": "since",
        "-n": "lines",
        "--lines": "lines",
    },
    "ls": {"": "path"},
    "ps": {},
    "sha256sum": {"": "path"},
    "stat": {"": "path"},
    "tail": {"": "path", "-n": "lines", "--lines": "lines"},
}


def rewrite(lines: list[str]) -> list[str]:
    """The input transformer: a ``%%ssh`` cell becomes an ``await``, any other stays as it is."""
    if not lines or not _is_magic(lines[0]):
        return lines
    name = lines[0][len(MAGIC) :].strip()
    variable = _VARIABLE.fullmatch(name)
    host = variable[1] if variable else repr(name)
    return [f"await {_RUN}({host}, {''.join(lines[1:])!r})\n"]


async def run(host: object, text: str) -> Outputs:
    """Run the cell's lines on the host, one after the other; all are read before the first runs."""
    if isinstance(host, str) and not host:
        raise BadRequestError(f"{MAGIC} names no host.", f"Write {_USAGE}.")
    target = host if isinstance(host, Host) else await ssh(host)
    commands = [parse(line) for line in text.splitlines() if line.split("#")[0].strip()]
    if not commands:
        raise BadRequestError("The cell holds no command.", f"Write {_USAGE}.")
    return Outputs([await target.run(command, **params) for command, params in commands])


def parse(line: str) -> tuple[str, dict[str, str | int]]:
    """The command of a line and its parameters; ``BadRequestError`` when it is none."""
    try:
        words = shlex.split(line, comments=True)
    except ValueError as fault:
        raise BadRequestError(
            f"{line.strip()!r} was not understood: {str(fault).lower()}.", "Close the quote."
        ) from None
    if words[:2] == ["coredumpctl", "info"]:
        words[:2] = ["coredumpctl_info"]
    command, *rest = words
    options = _COMMANDS.get(command)
    if options is None:
        raise BadRequestError(
            f"{command!r} is not among the commands that may be run on a host.",
            f"Use one of: {', '.join(_COMMANDS)}.",
        )
    params: dict[str, str | int] = {}
    while rest:
        word = rest.pop(0)
        flag, equals, value = word.partition("=")
        if word.startswith("-") and flag in options:
            name = options[flag]
            value = value if equals else (rest.pop(0) if rest else "")
        else:
            name, value = options.get("", ""), word
        stray = word.startswith("-") and flag not in options
        if stray or not name or not value or name in params:
            raise BadRequestError(
                f"{line.strip()!r} was not understood at {word!r}: "
                "no shell reads this line, and no flags go through.",
                f"Write {_example(command)}.",
            )
        params[name] = int(value) if name in ("lines", "pid") and value.isdecimal() else value
    return command, params


def register(shell: Any) -> None:
    """Make ``%%ssh`` known to an IPython shell, and ``%ssh?`` its help."""
    transformers = shell.input_transformers_cleanup
    if rewrite not in transformers:
        transformers.append(rewrite)
    shell.user_ns[_RUN] = run
    shell.user_ns_hidden[_RUN] = run
    shell.register_magic_function(magic, "line_cell", "ssh")


def magic(line: str, cell: str | None = None) -> None:
    """Look at a host, by an instance id or by a name that the proxy knows.

    ::

        %%ssh i-0abc
        ls /var/crash
        tail --lines 20 /var/crash/log
        journalctl --unit nginx.service --since 15m

    ``%%ssh {host}`` takes the host from a variable. Only commands of the proxy's catalogue are
    run: ls, stat, df, ps, journalctl, coredumpctl info, sha256sum, tail.
    """
    raise BadRequestError(
        f"{MAGIC} must be the first line of its cell, with the commands below it.",
        f"Write {_USAGE}.",
    )


def _is_magic(first: str) -> bool:
    rest = first[len(MAGIC) :]
    return first.startswith(MAGIC) and (not rest or rest[0].isspace())


def _example(command: str) -> str:
    if command == "coredumpctl_info":
        return "coredumpctl info 4711"
    options = _COMMANDS[command]
    flags = [f"[{flag} …]" for flag in options if flag.startswith("--")]
    plain = [f"/{options['']}"] if "" in options else []
    return " ".join([command, *flags, *plain])
