"""A hub on this machine: folders served over HTTP the way huggingface_hub asks for them."""

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
"""The only commit of every repository; `main` stands for it."""


@contextmanager
def serving(repositories: Mapping[str, Path]) -> Iterator[str]:
    """Serve repositories (`owner/name` to folder); yield the hub's address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(body=True)

        def do_HEAD(self) -> None:
            self._answer(body=False)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

        def _answer(self, *, body: bool) -> None:
            path = unquote(urlsplit(self.path).path).strip("/")
            for name, folder in repositories.items():
                if path.startswith(f"api/models/{name}"):
                    return self._send(200, json.dumps(_listing(path, name, folder)).encode(), {}, body)
                if path.startswith(f"{name}/resolve/"):
                    file = folder / path.removeprefix(f"{name}/resolve/").split("/", 1)[1]
                    if file.is_file():
                        content = file.read_bytes()
                        digest = hashlib.sha256(content).hexdigest()
                        return self._send(
                            200, content, {"ETag": f'"{digest}"', "X-Repo-Commit": COMMIT}, body
                        )
            return self._send(404, b"{}", {"X-Error-Code": "EntryNotFound"}, body)

        def _send(self, status: int, content: bytes, headers: Mapping[str, str], body: bool) -> None:
            self.send_response(status)
            for header, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(header, value)
            self.end_headers()
            if body:
                self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _listing(path: str, name: str, folder: Path) -> object:
    files = sorted(file for file in folder.iterdir() if file.is_file())
    if "/tree/" in path:
        return [
            {"type": "file", "path": file.name, "size": file.stat().st_size, "oid": "0" * 40}
            for file in files
        ]
    return {
        "id": name,
        "modelId": name,
        "sha": COMMIT,
        "private": False,
        "tags": [],
        "downloads": 0,
        "siblings": [{"rfilename": file.name} for file in files],
    }
