"""Run by IPython at kernel start: makes ``%%promql``, ``%%ssh`` and Stop known, no more."""

from casebook import _promql_cell, _ssh_cell, _stop

_promql_cell.register(get_ipython())  # noqa: F821
_ssh_cell.register(get_ipython())  # noqa: F821
_stop.register(get_ipython())  # noqa: F821
del _promql_cell, _ssh_cell, _stop
