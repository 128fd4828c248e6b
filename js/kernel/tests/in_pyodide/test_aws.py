"""The questions for a machine, as they leave a real kernel and as their answers come back."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

INSTANCE = {
    "account": "main",
    "region": "us-east-1",
    "instance_id": "i-0123456789abcdef0",
    "state": "running",
    "private_ip": "10.0.0.5",
    "private_dns": None,
    "type": "m7g.large",
    "zone": "us-east-1a",
    "launched_at": "2026-11-01T00:00:00.000Z",
    "tags": {"kind": "object4"},
}


class Proxy(BaseHTTPRequestHandler):
    """Knows one instance, and is silent when asked for ``kind=slow``."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        question = json.loads(body)
        self.server.seen.append((self.path, dict(self.headers.items()), question))
        if question.get("tags") == {"kind": "slow"}:
            self.server.released.wait(20)
            return
        if question.get("tags") == {"kind": "object4"}:
            self.answer(200, {"instance": INSTANCE, "by": "tag kind=object4"})
            return
        error = {"error": "No instance has this tag.", "next": "Correct it.", "source": "main"}
        self.answer(404, {"status": "error", "errorType": "no_instance", **error})

    def do_GET(self):
        self.server.seen.append((self.path, dict(self.headers.items()), None))
        self.answer(200, {"instances": [INSTANCE]})

    def answer(self, status, fields):
        body = json.dumps(fields).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def proxy():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    server.seen = []
    server.released = threading.Event()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def aws_cell(cell, origin, proxy):
    """Run a cell whose page was served by the proxy above."""

    def run(code):
        here = f"import asyncio, js\njs.location.origin = 'http://127.0.0.1:{proxy.server_port}'\n"
        try:
            return cell(here + code)
        finally:
            cell(f"import js\njs.location.origin = '{origin}'\n")

    return run


def test_a_suspect_leads_to_its_machine(aws_cell, proxy):
    printed = aws_cell("""
cb.case("INC-1")
instance = await cb.aws().instance(tags={"kind": "object4"})
print(instance.instance_id, instance.by, instance.to_dict()["tags"]["kind"])
found = await cb.aws().instances({"kind": "object4"})
print(len(found), found[0].private_ip)
""")
    assert printed == ["i-0123456789abcdef0 tag kind=object4 object4", "1 10.0.0.5"]
    path, headers, question = proxy.seen[0]
    headers = {name.lower(): value for name, value in headers.items()}
    assert (path, question) == ("/api/v1/aws/main/instance", {"tags": {"kind": "object4"}})
    assert headers["content-type"] == "application/json"
    assert headers["x-casebook-case"] == "INC-1"
    assert proxy.seen[1][0] == "/api/v1/aws/main/instances?tag=kind%3Dobject4&state=running"


def test_no_machine_is_an_error_that_says_what_to_do(aws_cell):
    aws_cell("""
try:
    await cb.aws().instance({"which": "object9"})
except cb.InstanceError as error:
    assert error.message == "No instance has this tag.", error.message
    assert error.next_step == "Correct it." and error.status == 404, error.to_dict()
    assert error.error_type == "no_instance" and error.source == "main"
else:
    raise AssertionError("nobody was found, and nobody said so")
""")


def test_an_interrupted_question_ends_at_once(aws_cell):
    aws_cell("""
try:
    await asyncio.wait_for(cb.aws().instance(tags={"kind": "slow"}), 0.5)
except asyncio.TimeoutError:
    pass
else:
    raise AssertionError("the silent proxy has answered")
""")


def test_a_proxy_that_is_gone_is_said_to_be_gone(aws_cell):
    aws_cell("""
js.location.origin = "http://127.0.0.1:9"
try:
    await cb.aws().instances()
except cb.UnreachableError as error:
    assert "/api/v1/aws/main/instances" in error.message and error.next_step
else:
    raise AssertionError("nobody answered, and nobody said so")
""")
