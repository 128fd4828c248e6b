"""Casebook: solve an incident in a notebook, in the browser.

::

    import casebook as cb

    cb.window("2026-11-22T07:00Z", "2026-11-22T07:05Z")
    latency = await cb.prometheus().query_range("level", last="5m", step="10s")
    latency                                # a chart
    cb.slo(latency, p90_below=0.3)         # was the objective kept, and when not
    latency.amplitude()                    # who swings most
    verdict = await latency.suspects()     # who is odd, and why
    verdict.since                          # since when, and who else since when
    verdict.contrast()                     # what the suspects share and the others lack
    await cb.what_else(verdict)            # which other metrics of its target moved
    await cb.aws().instance(verdict.top)   # which machine that is
    await latency.recheck()                # did it recover?

    host = await cb.ssh("i-0abc")          # a host, looked at through the proxy
    (await host.cores()).newest            # the core file that a crash left there

``%%promql latency --last 5m --step 10s`` and ``%%ssh i-0abc`` do the same for people who think in
queries and in shell.
"""

from casebook._aws import Aws, Instance, InstanceError, Instances, aws
from casebook._chart import Chart
from casebook._contrast import Contrast
from casebook._cores import Core, Cores, NoCore
from casebook._errors import (
    AbortedError,
    BadRequestError,
    CasebookError,
    LimitError,
    NoSuspect,
    NotJsonError,
    PrometheusError,
    ProxyError,
    SessionError,
    ShapeError,
    TruncatedError,
    UnreachableError,
)
from casebook._matrix import Matrix
from casebook._notebook import case, window
from casebook._plan import Plan, PlanError
from casebook._prometheus import Prometheus, prometheus
from casebook._ranking import Ranking
from casebook._recheck import Recheck
from casebook._series import Series
from casebook._since import Onsets, Since
from casebook._slo import Slo, slo
from casebook._ssh import CommandError, Host, Output, Outputs, ssh
from casebook._stop import StoppedError
from casebook._verdict import Verdict
from casebook._what_else import WhatElse, what_else
from casebook._window import Window

__version__ = "0.1.0"

__all__ = [
    "AbortedError",
    "Aws",
    "BadRequestError",
    "CasebookError",
    "Chart",
    "CommandError",
    "Contrast",
    "Core",
    "Cores",
    "Host",
    "Instance",
    "InstanceError",
    "Instances",
    "LimitError",
    "Matrix",
    "NoCore",
    "NoSuspect",
    "NotJsonError",
    "Onsets",
    "Output",
    "Outputs",
    "Plan",
    "PlanError",
    "Prometheus",
    "PrometheusError",
    "ProxyError",
    "Ranking",
    "Recheck",
    "Series",
    "SessionError",
    "ShapeError",
    "Since",
    "Slo",
    "StoppedError",
    "TruncatedError",
    "UnreachableError",
    "Verdict",
    "WhatElse",
    "Window",
    "__version__",
    "aws",
    "case",
    "prometheus",
    "slo",
    "ssh",
    "what_else",
    "window",
]
