"""Printers on the loopback that keep what they are sent, to try printing without hardware."""

import http.server
import socket
import socketserver
import struct
import threading

# RFC 8010, section 3.5.1 and 3.5.2: the end of the attributes, and the tags of two of them.
_OPERATION_GROUP, _END, _CHARSET, _LANGUAGE = 0x01, 0x03, 0x47, 0x48
VALIDATE_JOB, PRINT_JOB = 0x0004, 0x0002


class _Server:
    """A loopback server that can be switched off and on again at the same port."""

    def __init__(self):
        self.documents = []
        self.port = 0
        self._server = None
        self.switch_on()

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.switch_off()

    def switch_on(self):
        """Take documents, at the port it had before."""
        server = self._make_server(("127.0.0.1", self.port))
        server.simulated = self
        self.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        self._server = server

    def switch_off(self):
        """Refuse connections. Documents that were taken stay."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


class SimulatedRawPrinter(_Server):
    """Takes bytes as a printer does on port 9100; ``documents`` are those, oldest first."""

    class _Handler(socketserver.BaseRequestHandler):
        def handle(self):
            """Read until the sender has ended."""
            parts = []
            while part := self.request.recv(65536):
                parts.append(part)
            self.server.simulated.documents.append(b"".join(parts))

    def _make_server(self, address):
        return _TCPServer(address, self._Handler)


class SimulatedIppPrinter(_Server):
    """Answers Validate-Job and Print-Job; ``documents`` are ``(attributes, bytes)``.

    :ivar status: the IPP status of its answers.
    :ivar http_status: the HTTP status of its answers.
    :ivar hangs_up: whether it takes a document and then breaks the connection.
    """

    def __init__(self):
        self.status = 0
        self.http_status = 200
        self.hangs_up = False
        super().__init__()

    @property
    def uri(self):
        """Where it is reached."""
        return f"ipp://127.0.0.1:{self.port}/ipp/print"

    class _Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_args):
            """Stay silent."""

        def do_POST(self):
            """Answer one operation."""
            simulated = self.server.simulated
            body = self.rfile.read(int(self.headers["Content-Length"]))
            operation, request_id = struct.unpack_from(">hi", body, 2)
            if operation == PRINT_JOB and not simulated.status:
                simulated.documents.append(_read(body))
                if simulated.hangs_up:
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
            answer = b"no"
            if simulated.http_status == http.HTTPStatus.OK:
                answer = _make_answer(simulated.status, request_id)
            self.send_response(simulated.http_status)
            self.send_header("Content-Type", "application/ipp")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

    def _make_server(self, address):
        return _HTTPServer(address, self._Handler)


class _TCPServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = False


class _HTTPServer(http.server.ThreadingHTTPServer):
    daemon_threads = False


def _read(body):
    """The attributes of a request, as texts, and the document behind them."""
    attributes, offset, name = {}, 8, ""
    while (tag := body[offset]) != _END:
        offset += 1
        if tag < 0x10:
            continue
        name_size = struct.unpack_from(">h", body, offset)[0]
        name = body[offset + 2 : offset + 2 + name_size].decode() or name
        offset += 2 + name_size
        value_size = struct.unpack_from(">h", body, offset)[0]
        attributes[name] = body[offset + 2 : offset + 2 + value_size].decode()
        offset += 2 + value_size
    return attributes, body[offset + 1 :]


def _make_answer(status, request_id):
    attributes = b"".join(
        struct.pack(">bh", tag, len(name))
        + name
        + struct.pack(">h", len(value))
        + value
        for tag, name, value in (
            (_CHARSET, b"attributes-charset", b"utf-8"),
            (_LANGUAGE, b"attributes-natural-language", b"en"),
        )
    )
    head = struct.pack(">bbhib", 2, 0, status, request_id, _OPERATION_GROUP)
    return head + attributes + bytes([_END])
