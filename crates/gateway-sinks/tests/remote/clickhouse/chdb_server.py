"""The HTTP interface of ClickHouse in front of chdb, its engine as a Python package.

What it speaks is what the client of the gateway needs: GET /ping; POST with a statement as ?query=
or as body; ?database=; and data behind INSERT ... FORMAT ..., which goes through a file since the
engine takes statements as text alone. Compressed bodies, as ClickHouse packs them, are LZ4 blocks.
"""

import http.server
import os
import struct
import sys
import tempfile
import urllib.parse

from chdb import session

FOLDER = sys.argv[1]
ENGINE = session.Session(os.path.join(FOLDER, "data"))


def lz4_block(data, size):
    """Unpacks one LZ4 block of `size` bytes."""
    out, at = bytearray(), 0
    while at < len(data):
        token = data[at]
        at += 1
        length = token >> 4
        if length == 15:
            while True:
                length += data[at]
                at += 1
                if data[at - 1] != 255:
                    break
        out += data[at : at + length]
        at += length
        if at >= len(data):
            break
        offset = data[at] | data[at + 1] << 8
        at += 2
        length = token & 15
        if length == 15:
            while True:
                length += data[at]
                at += 1
                if data[at - 1] != 255:
                    break
        for _ in range(length + 4):
            out.append(out[-offset])
    assert len(out) == size, (len(out), size)
    return bytes(out)


def unpacked(body):
    """Unpacks frames of checksum (16), method (1), packed and unpacked length (4 each), block."""
    out, at = b"", 0
    while at < len(body):
        method, packed, size = struct.unpack_from("<BII", body, at + 16)
        assert method == 0x82, method
        out += lz4_block(body[at + 25 : at + 16 + packed], size)
        at += 16 + packed
    return out


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if status != 200:
            self.send_header("X-ClickHouse-Exception-Code", "1")
        self.end_headers()
        self.wfile.write(body)

    def body(self):
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def do_GET(self):
        if "query=" in self.path:
            self.do_POST()
        else:
            self.answer(200, b"Ok.\n")

    def do_POST(self):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        body = self.body()
        try:
            if query.get("decompress") == ["1"]:
                body = unpacked(body)
            self.answer(200, run(query, body))
        except Exception as error:
            self.answer(500, str(error).encode())


def run(query, body):
    if "database" in query:
        ENGINE.query(f"USE `{query['database'][0]}`")
    statement = query.get("query", [""])[0]
    if not statement.lstrip().upper().startswith("INSERT"):
        statement = (statement + body.decode()).strip()
        form = query.get("default_format", ["TabSeparated"])[0]
        if not statement.upper().startswith(("SELECT", "DESC", "SHOW")):
            ENGINE.query(statement)
            return b""
        if " FORMAT " in statement.upper():
            statement, _, form = statement.rpartition(" FORMAT ")
        return ENGINE.query(statement, form.strip()).bytes()
    head, _, form = statement.rpartition(" FORMAT ")
    with tempfile.NamedTemporaryFile(dir=FOLDER) as file:
        file.write(body)
        file.flush()
        ENGINE.query(f"{head} FROM INFILE '{file.name}' FORMAT {form.strip()}")
    return b""


SERVER = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print(SERVER.server_address[1], flush=True)
SERVER.serve_forever()
