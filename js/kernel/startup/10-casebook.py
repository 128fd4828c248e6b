"""Run by IPython at kernel start: makes ``%%promql`` known, and nothing else."""

from casebook import _promql_cell

_promql_cell.register(get_ipython())  # noqa: F821
del _promql_cell
