"""Somebody else's calendar server on the loopback: it answers as a test tells it, counts who came, and can drip, break off and lead elsewhere."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class CalendarServer:
    """`body` is sent with `status` and `headers`; with an `etag`, 304 to whoever has it. `drip` waits that many seconds after each byte."""

    port: int = 0
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    etag: str | None = None
    packed: bool = False
    drip: float = 0
    announced: int | None = None
    asked: list[dict[str, str]] = field(default_factory=list)
    connections: int = 0
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/private-token/basic.ics"

    @property
    def loopback(self) -> str:
        return f"127.0.0.1:{self.port}"


@contextmanager
def calendar_server(tls: Any = None) -> Iterator[CalendarServer]:
    """A running server; with `tls` (an SSLContext) it speaks https."""
    told = CalendarServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked.append({"path": self.path, **dict(self.headers)})
            with suppress(OSError):
                self._answer()

        def _answer(self) -> None:
            unchanged = told.etag is not None and self.headers.get("If-None-Match") == told.etag
            body = b"" if unchanged else gzip.compress(told.body) if told.packed else told.body
            self.send_response(304 if unchanged else told.status)
            sent = {**told.headers, **({"ETag": told.etag} if told.etag else {}), **({"Content-Encoding": "gzip"} if told.packed else {})}
            if not unchanged:
                sent["Content-Length"] = str(told.announced if told.announced is not None else len(body))
            for name, value in sent.items():
                self.send_header(name, value)
            self.end_headers()
            if not told.drip:
                self.wfile.write(body)
                return
            for byte in body:
                if told.closing.wait(told.drip):
                    return
                self.wfile.write(bytes([byte]))

        def log_message(self, *_: Any) -> None:
            """Tests are quiet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def get_request(self) -> Any:
            told.connections += 1
            return super().get_request()

        def handle_error(self, *_: Any) -> None:
            """A caller that hangs up is what some tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    told.port = server.server_address[1]
    running = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    running.start()
    try:
        yield told
    finally:
        told.closing.set()
        server.shutdown()
        server.server_close()
        running.join()
