# A cell: the same body through the core and through json, in turn. RUNS and REQUEST are set above.
import json
import random
import time

import js
from casebook import _core

SERIES = 1000
request = json.loads(REQUEST)
times = range(request["start_ms"] // 1000, request["end_ms"] // 1000 + 1, request["step_ms"] // 1000)
random.seed(1)
result = [
    {
        "metric": {"__name__": "level", "which": f"object{row}", "instance": f"10.0.{row >> 8}.{row & 255}:9100"},
        "values": [[at, str(3 * random.random())] for at in times],
    }
    for row in range(SERIES)
]
text = json.dumps(
    {"status": "success", "data": {"resultType": "matrix", "result": result}}, separators=(",", ":")
)
del result
buffer = js.TextEncoder.new().encode(text)
core = await _core.load()


def in_core():
    feed = core.Feed.new(REQUEST)
    feed.push(buffer)
    handle = feed.finish()
    swings = handle.swings()
    handle.free()
    return swings


def in_python():
    swings = []
    for series in json.loads(text)["data"]["result"]:
        values = [float(value) for _, value in series["values"]]
        swings.append(max(values) - min(values))
    return swings


assert list(in_core()) == in_python()
spent = {"core": [], "python": []}
for _ in range(RUNS):
    for name, work in (("core", in_core), ("python", in_python)):
        begun = time.perf_counter()
        work()
        spent[name].append((time.perf_counter() - begun) * 1000)
print(json.dumps(spent))
