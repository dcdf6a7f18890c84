"""A small HTTP/1.1 server on the standard library: keep-alive, chunked bodies, limits, a clean stop.

`serve(application, port)` calls `application(request)` on a thread of its own for each connection and writes the
`Response` that it returns.
"""

import os
import signal
import socket
import sys
import threading
import time
import traceback
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MAX_BODY = 10 * 1024 * 1024
LINE = 65_536
# A proxy keeps its connections about 90 s; closing first would race with its next request.
IDLE_SECONDS = 620
READ_SECONDS = 30
# Belongs to one connection, not to the message (RFC 9110, section 7.6.1).
HOP_BY_HOP = {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te",
              "trailer", "transfer-encoding", "upgrade"}


class Refused(Exception):
    """A request that gets no further: `status` and what to tell the caller."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class Response:
    """`body` is bytes, or an iterator of bytes that is written as it comes; `length` where it is known."""

    def __init__(self, status, headers=(), body=b"", length=None, close=lambda: None):
        self.status = status
        self.headers = [(name.lower(), str(value)) for name, value in headers]
        self.body = body
        self.close = close
        self.length = len(body) if isinstance(body, bytes) else length
        for name, value in self.headers:
            if not name or any(it in name + value for it in "\r\n\0") or set(name) & set(" :"):
                raise ValueError(f"`{name}` is no header")


class Request:
    """A request with its headers as pairs; the body is read once, by `read` or `chunks`."""

    def __init__(self, handler):
        self.method = handler.command
        # `handler.path` has lost slashes that it began with.
        path, _, self.query = target(handler.requestline.split()[1]).partition("?")
        self.path = path or "/"
        self.headers = list(handler.headers.items())
        self.peer = handler.client_address[0]
        self._file = handler.rfile
        names = [name.lower() for name, _ in self.headers]
        codings = self.header("transfer-encoding")
        lengths = {value.strip() for name, value in self.headers if name.lower() == "content-length"}
        if codings is not None and (lengths or codings.lower() != "chunked"):
            raise Refused(400, "Transfer-Encoding other than chunked, or with Content-Length")
        if len(lengths) > 1 or any(not it.isascii() or not it.isdigit() for it in lengths):
            raise Refused(400, "Content-Length is no number")
        if names.count("host") > 1:
            raise Refused(400, "two Host headers")
        self.chunked = codings is not None
        self.length = None if self.chunked else int(next(iter(lengths), "0"))
        self.finished = self.length == 0

    def header(self, name):
        """Returns the values of a header joined by `, `, else None."""
        values = [value for it, value in self.headers if it.lower() == name]
        return ", ".join(values) if values else None

    def read(self, most=MAX_BODY):
        """Returns the whole body."""
        if self.length is not None and self.length > most:
            raise Refused(413, f"the body is over {most} bytes")
        return b"".join(self.chunks(most))

    def chunks(self, most=MAX_BODY):
        """Yields the body as it arrives."""
        size = 0
        for chunk in self._coded() if self.chunked else self._plain():
            size += len(chunk)
            if size > most:
                raise Refused(413, f"the body is over {most} bytes")
            yield chunk
        self.finished = True

    def _plain(self):
        left = self.length
        while left:
            chunk = self._file.read1(min(left, LINE))
            if not chunk:
                raise Refused(400, "the body is shorter than Content-Length says")
            left -= len(chunk)
            yield chunk

    def _coded(self):
        while True:
            size = self._line().split(b";")[0].strip()
            if not size or len(size) > 8 or set(size) - set(b"0123456789abcdefABCDEF"):
                raise Refused(400, "a chunk has no size")
            left = int(size, 16)
            if left == 0:
                break
            while left:
                chunk = self._file.read1(min(left, LINE))
                if not chunk:
                    raise Refused(400, "the body ends in a chunk")
                left -= len(chunk)
                yield chunk
            if self._line():
                raise Refused(400, "a chunk is longer than its size")
        for _ in range(100):
            if not self._line():
                return
        raise Refused(431, "too many trailers")

    def _line(self):
        line = self._file.readline(LINE)
        if not line.endswith(b"\n"):
            raise Refused(400, "the body ends early")
        return line.rstrip(b"\r\n")


def target(text):
    """Returns path and query of a request target, whose absolute form names a host too."""
    if text.startswith(("http://", "https://")):
        return "/" + text.split("/", 3)[3] if text.count("/") > 2 else "/"
    if not text.startswith("/"):
        raise Refused(400, "the request target is no path")
    return text


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65_536
    timeout = IDLE_SECONDS
    unread = False

    def handle_one_request(self):
        try:
            self.raw_requestline = self.rfile.readline(LINE + 1)
            if not self.raw_requestline:
                self.close_connection = True
                return
            with self.server.working():
                self.connection.settimeout(READ_SECONDS)
                if len(self.raw_requestline) > LINE:
                    self.requestline = self.request_version = self.command = ""
                    self.send_error(414)
                elif self.parse_request():
                    self.answer()
                self.wfile.flush()
            self.connection.settimeout(IDLE_SECONDS)
        except (OSError, HTTPException):
            self.close_connection = True

    def answer(self):
        request = None
        try:
            request = Request(self)
            response = self.server.application(request)
        except Refused as refused:
            response = message(refused.status, str(refused))
        except OSError:
            raise
        except Exception:
            traceback.print_exc()
            response = message(500, "internal error")
        self.unread = request is None or not request.finished
        try:
            self.respond(response)
        finally:
            response.close()

    def handle_expect_100(self):
        super().handle_expect_100()
        self.wfile.flush()
        return True

    def finish(self):
        """Reads a little of what the caller still sends: a reset would cost it the answer."""
        try:
            if self.unread:
                self.wfile.flush()
                self.connection.shutdown(socket.SHUT_WR)
                self.connection.settimeout(1)
                end = time.monotonic() + 2
                while time.monotonic() < end and self.connection.recv(LINE):
                    pass
        except OSError:
            pass
        super().finish()

    def respond(self, response):
        if self.server.stopping or self.unread:
            self.close_connection = True
        bare = response.status in (204, 304)
        streamed = response.length is None and not bare
        self.send_response_only(response.status)
        for name, value in response.headers:
            if name not in HOP_BY_HOP and name != "content-length":
                self._headers_buffer.append(f"{name}: {value}\r\n".encode("utf-8"))
        if streamed and self.request_version < "HTTP/1.1":
            self.close_connection = True
        elif streamed:
            self.send_header("transfer-encoding", "chunked")
        elif not bare:
            self.send_header("content-length", str(response.length))
        if self.close_connection:
            self.send_header("connection", "close")
        self.end_headers()
        if bare or self.command == "HEAD":
            return
        if isinstance(response.body, bytes):
            self.wfile.write(response.body)
            return
        chunked = streamed and self.request_version >= "HTTP/1.1"
        written = 0
        for chunk in response.body:
            if chunk:
                written += len(chunk)
                self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk) if chunked else chunk)
                self.wfile.flush()
        if chunked:
            self.wfile.write(b"0\r\n\r\n")
        elif response.length not in (None, written):
            self.close_connection = True

    def send_error(self, code, message_text=None, explain=None):
        """Answers what the base class refuses: a bad request line, too many headers."""
        self.unread = True
        self.request_version = "HTTP/1.1"
        self.respond(message(int(code), message_text or "bad request"))

    def log_message(self, *_):
        pass


def message(status, text):
    """Returns a plain-text answer."""
    return Response(status, [("content-type", "text/plain; charset=utf-8")], f"{text}\n".encode())


class Server(ThreadingHTTPServer):
    """Counts what it works on, so that it can finish before it stops."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 1024

    def __init__(self, application, port, host="0.0.0.0"):
        super().__init__((host, port), _Handler)
        self.application = application
        self.stopping = False
        self.code = 0
        self._busy = 0
        self._changed = threading.Condition()
        self._woken, self._wake = os.pipe()

    def working(self):
        return _Working(self)

    def stop(self, code=0):
        """Asks for a stop, from any thread or a signal; requests that run are finished first."""
        self.code = self.code or code
        self.stopping = True
        # A lock could be held by the very thread that a signal interrupts; a pipe can't.
        os.write(self._wake, b"x")

    def run(self, drain_seconds):
        """Serves until `stop`, then waits for what runs, and ends the process."""
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        os.read(self._woken, 1)
        self.shutdown()
        self.server_close()
        end = time.monotonic() + drain_seconds
        with self._changed:
            while self._busy and time.monotonic() < end:
                self._changed.wait(end - time.monotonic())
        sys.stdout.flush()
        sys.stderr.flush()
        # Threads that wait on idle connections, or are stuck in a handler, don't hold the process back.
        os._exit(self.code)

    def handle_error(self, request, client_address):
        error = sys.exc_info()[1]
        if not isinstance(error, (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


class _Working:
    def __init__(self, server):
        self._server = server

    def __enter__(self):
        with self._server._changed:
            self._server._busy += 1

    def __exit__(self, *_):
        with self._server._changed:
            self._server._busy -= 1
            self._server._changed.notify_all()


def serve(server, drain_seconds):
    """Runs a server until SIGTERM or SIGINT."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: server.stop())
    server.run(drain_seconds)
