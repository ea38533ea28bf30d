"""An NPI registry on the loopback: real HTTP, entries with state, and on demand everything that may come instead of an answer."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


def an_entry(number: str, **changes: Any) -> dict[str, Any]:
    """A psychologist as version 2.1 of the API tells it."""
    entry: dict[str, Any] = {
        "number": number,
        "enumeration_type": "NPI-1",
        "created_epoch": "1183680000000",
        "basic": {"first_name": "ASH", "last_name": "EXAMPLE", "credential": "PSY.D.", "status": "A", "enumeration_date": "2007-07-06"},
        "other_names": [],
        "taxonomies": [{"code": "103T00000X", "desc": "Psychologist", "license": "PSY12345", "primary": True, "state": "CA"}],
        "addresses": [{"address_1": "1 EXAMPLE WAY", "city": "OAKLAND", "state": "CA"}],
        "identifiers": [],
    }
    return entry | changes


class NpiStub:
    """`entries` by number. `instead` is (status, headers, body) sent in place of every answer; `drips` sends bytes for ever, slowly."""

    def __init__(self) -> None:
        self.entries: dict[str, dict[str, Any]] = {}
        self.instead: tuple[int, dict[str, str], bytes] | None = None
        self.drips = False
        self.asked: list[str] = []
        self.over = threading.Event()
        self.address = ""

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        self.asked.append(path)
        if self.instead is not None:
            return self.instead
        query = parse_qs(urlsplit(path).query)
        assert query["version"] == ["2.1"]
        found = [entry for number, entry in self.entries.items() if [number] == query["number"]]
        return 200, {"Content-Type": "application/json"}, json.dumps({"result_count": len(found), "results": found}).encode()


@contextmanager
def npi_stub() -> Iterator[NpiStub]:
    stub = NpiStub()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = stub.answer(self.path)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if not stub.drips and "Content-Length" not in headers:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            while stub.drips and not stub.over.wait(0.02):
                try:
                    self.wfile.write(b" ")
                except OSError:
                    return

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    stub.address = f"http://127.0.0.1:{server.server_port}/api/"
    try:
        yield stub
    finally:
        stub.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
