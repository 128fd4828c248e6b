"""``%%promql`` in a real IPython shell; the question itself fails here, for want of a browser."""

import ast

import pytest
from IPython.core.interactiveshell import InteractiveShell

import casebook as cb
from casebook import _promql_cell
from casebook._notebook import notebook


@pytest.fixture
def shell():
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    _promql_cell.register(shell)
    _promql_cell.register(shell)
    yield shell
    InteractiveShell.clear_instance()
    notebook.window = None


def test_a_query_becomes_an_await_that_is_kept_and_shown(shell):
    cell = '%%promql latency --last 5m\nlevel{which="a\\\\"}\n  + 1\n'
    keep, show = ast.parse(shell.transform_cell(cell)).body
    assert ast.unparse(keep.targets[0]) == ast.unparse(show.value) == "latency"
    line, query = [argument.value for argument in keep.value.value.args]
    assert (line, query) == ("latency --last 5m", 'level{which="a\\\\"}\n  + 1\n')


def test_a_query_without_a_name_is_only_shown(shell):
    (only,) = ast.parse(shell.transform_cell("%%promql --last 5m\nup\n")).body
    assert isinstance(only.value, ast.Await)


@pytest.mark.parametrize("other", ["x = 1\n", "%%promqlx\nup\n", "# %%promql\n", ""])
def test_other_cells_stay_as_they_are(other):
    lines = other.splitlines(keepends=True)
    assert _promql_cell.rewrite(lines) == lines


def test_the_query_cannot_break_out_of_its_string():
    query = "'''\"\"\"\\\n{x='\\'\"}\n"
    (rewritten,) = _promql_cell.rewrite(["%%promql\n", *query.splitlines(keepends=True)])
    call = ast.parse(rewritten, mode="exec").body[0].value.value
    assert call.args[1].value == query


def test_arguments_and_their_defaults():
    given = _promql_cell.parse("p90 --last 5m --step 30s --source eu --unit s")
    assert (given.name, given.last, given.step, given.source) == ("p90", "5m", "30s", "eu")
    default = _promql_cell.parse("")
    assert (default.name, default.last, default.step, default.source) == (None, None, "10s", "main")


@pytest.mark.parametrize("line", ["a b", "9a", "class", "--lats 5m", "--last", "a --step", "a 'b"])
def test_arguments_that_cannot_be_read_are_an_error_in_the_cell(shell, line, capsys):
    result = shell.run_cell(f"%%promql {line}\nup\n")
    assert isinstance(result.error_in_exec, cb.BadRequestError)
    shown = capsys.readouterr().out
    assert "%%promql was not understood" in shown
    assert "--last 5m" in shown
    assert "Traceback" not in shown
    assert "__casebook" not in shown


def test_an_error_is_a_short_block_and_the_notebook_goes_on(shell, capsys):
    shell.run_cell('import casebook as cb\ncb.window("2026-11-22T07:00Z", "2026-11-22T07:05Z")')
    capsys.readouterr()
    result = shell.run_cell("1 + 1\nawait cb.prometheus().query_range('up')\n")
    assert isinstance(result.error_in_exec, cb.CasebookError)
    shown = capsys.readouterr().out
    assert len(shown.strip().splitlines()) <= 4
    assert "line 2: await cb.prometheus().query_range('up')" in shown
    assert "casebook-proxy serve" in shown
    assert shell.run_cell("1 + 1").result == 2


def test_an_empty_cell_is_told_where_the_query_goes(shell):
    assert "below the line" in shell.run_cell("%%promql\n \n").error_in_exec.next_step


def test_help_is_there_and_the_line_magic_points_to_the_cell(shell):
    assert "--source" in shell.find_line_magic("promql").__doc__
    assert "first line" in str(shell.run_cell("x = 1\n%promql up\n").error_in_exec)
