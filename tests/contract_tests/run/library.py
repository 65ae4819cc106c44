"""A server that is not the mock: a library on the standard library's HTTP server, with defects on demand."""

from __future__ import annotations

import contextlib
import gzip
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEY = "lib_sEcret_key_1"
LANGUAGES = ("en", "de", "ja")
BOOKS = [{"id": n, "title": f"Book {n}", "language": LANGUAGES[n % 3], "subtitle": None} for n in range(1, 38)]


class Library(BaseHTTPRequestHandler):
    """Answers `/v1/books` and `/v1/books/{id}`."""

    defect = ""
    manner = ""
    seen = 0
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def log_message(self, *arguments: Any) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        """Every request."""
        type(self).seen += 1
        parts = urlsplit(self.path)
        key = self.headers.get("X-Token", "")
        if self.defect == "crash on a key" and len(key) > 500:
            self.reply(500, {"message": "what?"})
            return
        right = key == KEY or (self.defect == "case" and key.lower() == KEY.lower())
        if parts.path.startswith("/v1/books") and not right and not (self.defect == "open" and "/books/" in parts.path):
            self.reply(401, {"message": "no"})
        elif parts.path == "/v1/books":
            self.books(parse_qs(parts.query, keep_blank_values=True))
        elif parts.path.startswith("/v1/books/"):
            number = parts.path.rpartition("/")[2]
            if self.defect == "crash on an id" and not number.isdigit():
                self.reply(500, {"message": "what?"})
                return
            book = next((book for book in BOOKS if str(book["id"]) == number), None)
            if self.defect == "any book":
                book = book or BOOKS[0]
            self.reply(200, book) if book else self.reply(404, {"message": "no such book"})
        else:
            self.reply(404, {"message": "nothing here"})

    def do_HEAD(self) -> None:
        """HEAD is not for this library."""
        type(self).seen += 1
        self.send_response(405)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def books(self, query: dict[str, list[str]]) -> None:
        """A page of the list."""
        try:
            limit = int(query.get("limit", ["10"])[0])
            offset = int(query.get("offset", ["0"])[0])
        except ValueError:
            self.reply(500 if self.defect == "crash" else 400, {"message": "a number, please"})
            return
        language = query.get("language", [""])[0]
        if (
            not 1 <= limit <= 50
            or offset < 0
            or (language and language not in LANGUAGES)
            or any(len(query.get(name, [])) > 1 for name in ("limit", "offset", "language"))
        ):
            self.reply(400, {"message": "out of bounds"})
            return
        if self.defect == "overlap" and offset:
            offset -= 1
        books = [book for book in BOOKS if language in ("", book["language"]) or self.defect == "no filter"]
        page = books[offset : offset + limit + (self.defect == "one more")]
        if self.defect == "type":
            page = [{**book, "id": str(book["id"])} for book in page]
        self.reply(200, {"books": page, "total": len(books)})

    def reply(self, status: int, body: Any) -> None:
        """Send JSON."""
        payload = json.dumps(body).encode()
        chunked = self.manner == "chunked and compressed"
        if self.manner == "slow":
            time.sleep(0.005)
        self.send_response(status)
        self.send_header("content-type" if self.manner == "lower case" else "Content-Type", "application/json")
        if chunked:
            payload = gzip.compress(payload)
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(len(payload)))
        if self.defect != "header":
            name = "x-ratelimit-remaining" if self.manner == "lower case" else "X-RateLimit-Remaining"
            self.send_header(name, str(1000 - type(self).seen))
        self.end_headers()
        if chunked:
            parts = [payload[start : start + 7] for start in range(0, len(payload), 7)]
            self.wfile.write(b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in [*parts, b""]))
        else:
            self.wfile.write(payload)


@contextlib.contextmanager
def library(defect: str = "", manner: str = "") -> Iterator[tuple[str, type[Library]]]:
    """A running library: its URL, and its handler, which counts."""
    handler = type("Handler", (Library,), {"defect": defect, "manner": manner, "seen": 0})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", handler
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
