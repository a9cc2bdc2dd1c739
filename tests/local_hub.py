"""A hub on this machine that counts what it is asked, and can be made to fail in the ways that hubs do."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import huggingface_hub
import huggingface_hub.constants
import pytest
import tiny_clip

__all__ = ["Hub", "Request", "asked", "running"]


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]


@dataclass
class Hub:
    """Serves ``files`` of one repository. What a field is set to changes the next answer."""

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    front: int = 200
    """Status of the front page."""
    refuses: int | None = None
    """Status of the answer to whatever is asked of the repository."""
    ranges: bool = True
    cut: int | None = None
    """Bytes of a body after which the connection is closed."""
    sends: dict[str, bytes] = field(default_factory=dict)
    """By name: what is sent instead of the file that is stated."""
    states: dict[str, str] = field(default_factory=dict)
    """Headers that replace those of a file's statement; empty ones are left out."""
    chunked: bool = False
    page: bytes | None = None
    """As a network's login page does: sent as the answer to everything."""
    elsewhere: str = ""
    """Address of another hub, which bodies are to be fetched from."""

    @property
    def bodies(self) -> list[Request]:
        return [request for request in self.requests if request.method == "GET"]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def do_HEAD(self) -> None:  # noqa: N802
        self._answer()

    def do_GET(self) -> None:  # noqa: N802
        self._answer()

    def _answer(self) -> None:
        hub = self.hub
        hub.requests.append(Request(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}))
        prefix = f"/{tiny_clip.REPOSITORY}/resolve/main/"
        name = self.path.removeprefix(prefix) if self.path.startswith(prefix) else None
        if hub.page is not None:
            self._send(200, {"Content-Type": "text/html"}, hub.page)
        elif self.path == "/":
            self._send(hub.front, {}, b"")
        elif hub.refuses is not None:
            self._send(hub.refuses, {}, b"")
        elif name is None or name not in hub.files:
            code = "EntryNotFound" if self.path.startswith(f"/{tiny_clip.REPOSITORY}/") else "RepoNotFound"
            self._send(404, {"X-Error-Code": code, "X-Repo-Commit": tiny_clip.COMMIT}, b"")
        elif hub.elsewhere and self.command == "GET":
            self._send(302, {"Location": hub.elsewhere + self.path}, b"")
        else:
            self._file(name, hub.files[name])

    def _file(self, name: str, content: bytes) -> None:
        hub = self.hub
        # of small files the hub states the digest that git knows them by
        digest = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False)
        stated = hashlib.sha256(content).hexdigest() if not name.endswith(".json") else digest.hexdigest()
        headers = {"X-Repo-Commit": tiny_clip.COMMIT, "ETag": f'"{stated}"', "X-Linked-Size": str(len(content))}
        headers = {key: value for key, value in (headers | hub.states).items() if value}
        body = hub.sends.get(name, content)
        status = 200
        asked = self.headers.get("Range")
        if self.command == "GET" and asked and hub.ranges:
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
            body, status = body[start:], 206
        self._send(status, headers, body)

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        hub = self.hub
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        if hub.chunked and self.command == "GET":
            self.send_header("Transfer-Encoding", "chunked")
        elif hub.states.get("Content-Length") != "":
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "HEAD":
            return
        if hub.cut is not None and len(body) > hub.cut:
            self.wfile.write(body[: hub.cut])
            self.close_connection = True
        elif hub.chunked:
            self.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
        else:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        return  # who asked has hung up, as is right for some answers


@contextmanager
def running() -> Iterator[Hub]:
    hub = Hub()
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": hub}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    hub.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def asked(hub: Hub) -> Iterator[None]:
    """Meanwhile this process takes it for the hub."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(huggingface_hub.constants, "ENDPOINT", hub.address)
        template = hub.address + "/{repo_id}/resolve/{revision}/{filename}"
        patch.setattr(huggingface_hub.constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        yield
    huggingface_hub.close_session()
