"""``%%promql``: a cell that holds a query.

The cell is rewritten to an ``await`` before it runs, because IPython does not await magics, and
because that also works in browsers without stack switching.
"""

from __future__ import annotations

import argparse
import keyword
import shlex
from typing import TYPE_CHECKING, Any, NoReturn

from casebook._errors import BadRequestError

if TYPE_CHECKING:
    from casebook._matrix import Matrix

MAGIC = "%%promql"
_RUN = "__casebook_promql__"
_USAGE = (
    "%%promql [name] [--last 5m] [--start TIME --end TIME] [--step 10s] [--source main] [--unit s]"
)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise BadRequestError(f"{MAGIC} was not understood: {message}.", f"Write {_USAGE}")


def rewrite(lines: list[str]) -> list[str]:
    """The input transformer: a ``%%promql`` cell becomes an ``await``, any other stays as it is.

    Arguments that cannot be read fail when the call runs, so that the error stands in the cell.
    """
    if not lines or not _is_magic(lines[0]):
        return lines
    line = lines[0][len(MAGIC) :].strip()
    call = f"await {_RUN}({line!r}, {''.join(lines[1:])!r})"
    name = _name(line)
    return [f"{name} = {call}\n", f"{name}\n"] if name else [f"{call}\n"]


async def run(line: str, query: str) -> Matrix:
    """Ask what the cell asks, by the arguments on its first line."""
    from casebook._prometheus import prometheus  # noqa: PLC0415 - not needed at kernel start

    arguments = parse(line)
    if not query.strip():
        raise BadRequestError("The cell holds no query.", f"Write PromQL below the line {MAGIC}.")
    return await prometheus(arguments.source).query_range(
        query.strip(),
        last=arguments.last,
        start=arguments.start,
        end=arguments.end,
        step=arguments.step,
        unit=arguments.unit,
    )


def parse(line: str) -> argparse.Namespace:
    """The arguments of a ``%%promql`` line; ``BadRequestError`` when they cannot be read."""
    parser = _Parser(prog=MAGIC, add_help=False, allow_abbrev=False)
    parser.add_argument("name", nargs="?")
    for option in ("last", "start", "end"):
        parser.add_argument(f"--{option}")
    parser.add_argument("--step", default="10s")
    parser.add_argument("--source", default="main")
    parser.add_argument("--unit", default="")
    try:
        words = shlex.split(line)
    except ValueError as fault:
        parser.error(str(fault).lower())
    arguments = parser.parse_args(words)
    name = arguments.name
    if name is not None and (not name.isidentifier() or keyword.iskeyword(name)):
        parser.error(f"{name!r} cannot name a variable")
    return arguments


def register(shell: Any) -> None:
    """Make ``%%promql`` known to an IPython shell, and ``%promql?`` its help."""
    transformers = shell.input_transformers_cleanup
    if rewrite not in transformers:
        transformers.append(rewrite)
    shell.user_ns[_RUN] = run
    shell.user_ns_hidden[_RUN] = run
    shell.register_magic_function(promql, "line_cell", "promql")


def promql(line: str, cell: str | None = None) -> None:
    """Ask Prometheus what the cell says, and show the answer as a chart.

    ::

        %%promql latency --last 5m --step 10s
        histogram_quantile(0.9, sum by (le) (rate(request_duration_seconds_bucket[1m])))

    The answer is kept in the variable ``latency``, when you give a name. ``--last`` counts back
    from the end of ``cb.window(…)``; ``--start`` and ``--end`` are times in UTC; with none of them
    the whole window is asked. ``--source`` is a name from the proxy's configuration, ``--unit``
    that of the values.
    """
    raise BadRequestError(
        f"{MAGIC} must be the first line of its cell, with the query below it.",
        f"Write {_USAGE}",
    )


def _is_magic(first: str) -> bool:
    rest = first[len(MAGIC) :]
    return first.startswith(MAGIC) and (not rest or rest[0].isspace())


def _name(line: str) -> str | None:
    try:
        name: str | None = parse(line).name
    except BadRequestError:
        return None
    return name
