"""Run by IPython at kernel start: makes ``%%promql`` and ``%%ssh`` known, and nothing else."""

from casebook import _promql_cell, _ssh_cell

_promql_cell.register(get_ipython())  # noqa: F821
_ssh_cell.register(get_ipython())  # noqa: F821
del _promql_cell, _ssh_cell
