"""Run by IPython at kernel start: makes the magics and Stop known, and loads the core."""

from casebook import _core, _promql_cell, _ssh_cell, _stop

_promql_cell.register(get_ipython())  # noqa: F821
_ssh_cell.register(get_ipython())  # noqa: F821
_stop.register(get_ipython())  # noqa: F821
_core.start()
del _core, _promql_cell, _ssh_cell, _stop
