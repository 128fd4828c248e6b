"""A host's answer, as it reaches a real kernel: in pieces, refused, cut off, or not wanted."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

START = {
    "event": "start",
    "host": "web1",
    "address": "10.0.0.7:22",
    "line": "ls -lab --time-style=full-iso -- /var/crash",
    "seq": 3,
    "hash": "ab12",
}
EXIT = {
    "event": "exit",
    "status": 0,
    "signal": None,
    "lost": False,
    "truncated": False,
    "timed_out": False,
    "ms": 40,
}


class Proxy(BaseHTTPRequestHandler):
    """Answers ``ls`` in pieces, cuts ``stat`` off, hangs at ``ps`` and refuses the rest."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        question = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.seen.append((self.path, question, self.headers["x-casebook-case"]))
        command = question["command"]
        if command not in ("ls", "stat", "ps"):
            self.refuse()
            return
        self.send_response(200)
        self.send_header("content-type", "application/x-ndjson")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        self.piece(json.dumps(START).encode() + b"\n")
        if command == "ps":
            self.wait_for_the_end()
            return
        body = json.dumps({"event": "stdout", "text": "é core\n"}, ensure_ascii=False).encode()
        self.piece(body[:30])
        self.piece(body[30:] + b"\n")
        if command == "ls":
            self.piece(json.dumps(EXIT).encode() + b"\n")
        self.wfile.write(b"0\r\n\r\n")

    def piece(self, body):
        self.wfile.write(f"{len(body):x}\r\n".encode() + body + b"\r\n")
        self.wfile.flush()

    def refuse(self):
        error = {"error": "The key changed.", "next": "Compare.", "source": "web1"}
        fields = {"status": "error", "errorType": "ssh_host_key", "request_id": "r", **error}
        body = json.dumps(fields).encode()
        self.send_response(502)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def wait_for_the_end(self):
        self.connection.settimeout(20)
        if self.connection.recv(1) == b"":
            self.server.left.set()
        self.close_connection = True

    def log_message(self, *_):
        pass


@pytest.fixture
def proxy():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    server.seen = []
    server.left = threading.Event()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def ssh_cell(cell, origin, proxy):
    """Run a cell whose page was served by the proxy above."""

    def run(code):
        here = f"import asyncio, js\njs.location.origin = 'http://127.0.0.1:{proxy.server_port}'\n"
        try:
            return cell(here + code)
        finally:
            cell(f"import js\njs.location.origin = '{origin}'\n")

    return run


def test_a_folder_is_listed_from_its_pieces(ssh_cell, proxy):
    printed = ssh_cell("""
cb.case("INC-1")
host = await cb.ssh("web1")
listed = await host.ls("/var/crash")
assert listed.ok, listed
print(repr(listed))
""")
    assert printed == ["web1$ ls -lab --time-style=full-iso -- /var/crash", "é core"]
    question = {"host": "web1", "command": "ls", "params": {"path": "/var/crash"}}
    assert proxy.seen == [("/api/v1/ssh/run", question, "INC-1")]


def test_an_answer_without_its_end_is_an_error(ssh_cell):
    ssh_cell("""
try:
    await (await cb.ssh("web1")).stat("/var/crash/core")
except cb.TruncatedError as error:
    assert "stat on web1" in error.message, error.message
else:
    raise AssertionError("a cut answer was taken for a whole one")
""")


def test_a_refusal_says_what_to_do(ssh_cell):
    ssh_cell("""
try:
    await (await cb.ssh("web1")).sha256sum("/var/crash/core")
except cb.ProxyError as error:
    assert (error.error_type, error.next_step) == ("ssh_host_key", "Compare."), error.to_dict()
else:
    raise AssertionError("nobody was refused")
""")


def test_an_interrupted_cell_lets_the_host_go(ssh_cell, proxy):
    ssh_cell("""
try:
    await asyncio.wait_for((await cb.ssh("web1")).ps(), 0.5)
except asyncio.TimeoutError:
    pass
else:
    raise AssertionError("the hanging host has answered")
""")
    assert proxy.left.wait(10), "the connection is still open"
