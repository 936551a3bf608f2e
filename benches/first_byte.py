#!/usr/bin/env python3
"""How much later the first byte of a download comes through a gateway that looks for malware and keeps
back the tail, than from the origin itself.

    cargo build --release
    python3 benches/first_byte.py [GATEWAY]

Standard library only; everything runs on this machine and is gone at the end. One client, one connection
each way, one request at a time, by turns. A row for each type and size: the p50 of both, and their
difference, from the request to the first byte of the body. Digests of any size, bodies and the index of
archives are looked for, so that all but the tail of 64 KiB leaves before its end. The target holds for
bodies that are longer than the tail; shorter ones wait for their end and are shown beside, as are types
that are read as a whole alone.

The origin sends 256 KiB at once, and goes on when the client has its first byte: it would keep the client
from its core otherwise, which is not the gateway's doing.
"""

import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TARGET = os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target"))
GATEWAY = sys.argv[1] if len(sys.argv) > 1 else os.path.join(TARGET, "release/gateway-proxy")
ROUNDS, REQUESTS, WARM_UP = 5, 40, 20
TAIL = 64 << 10
BURST = 256 << 10
# Types whose members are known once all is there.
WHOLE = {"pdf"}
SIZES = (16 << 10, 256 << 10, 1 << 20, 8 << 20)
TARGET_US = 1000
RULES = '[[rule]]\nid = "av"\nlayer = "http"\naction = "block"\nfilter = "av.infected"\n'
DIGEST = "d" * 64 + ":*:Own.Digest-1:73\n"
BODY = "Own.Body-1:0:*:6f776e2d626f64792d746861742d69732d6e6f7768657265\n"


def stored(size):
    """A ZIP whose one member stands in it as it is."""
    import io
    import zipfile

    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("member.bin", filling(size))
    return file.getvalue()


def filling(size):
    """Bytes that no type begins with."""
    return (b"\x01\x93\x7f\x05 not much of anything " * (size // 27 + 1))[:size]


def begun(magic):
    return lambda size: magic + filling(size - len(magic))


TYPES = {
    "unknown": filling,
    "gif": begun(b"GIF89a\x01\0\x01\0"),
    "mp4": begun(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"),
    "pdf": begun(b"%PDF-1.4\n"),
    "zip": stored,
}


class Origin:
    """Answers /type/size with such a body; takes absolute-form too."""

    def __init__(self):
        self.bodies = {
            f"/{name}/{size}".encode(): make(size) for name, make in TYPES.items() for size in SIZES
        }
        self.begun = threading.Event()
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        unread = b""
        while True:
            while b"\r\n\r\n" not in unread:
                piece = connection.recv(1 << 16)
                if not piece:
                    return
                unread += piece
            head, unread = unread.split(b"\r\n\r\n", 1)
            target = head.split(b" ", 2)[1]
            body = self.bodies[b"/" + target.split(b"/", 3)[-1] if b"://" in target else target]
            head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
            connection.sendall(head + body[:BURST])
            if len(body) > BURST and target.split(b"/")[-2].decode() not in WHOLE:
                self.begun.wait()
            connection.sendall(body[BURST:])


class Client:
    """One connection that asks for one thing."""

    def __init__(self, port, target, host, begun):
        self.begun = begun
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.request = f"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
        self.times = []

    def ask(self):
        self.begun.clear()
        began = time.perf_counter_ns()
        self.socket.sendall(self.request)
        came = b""
        while b"\r\n\r\n" not in came or came.endswith(b"\r\n\r\n"):
            came += self.socket.recv(1 << 16)
        took = (time.perf_counter_ns() - began) / 1000
        self.begun.set()
        head, body = came.split(b"\r\n\r\n", 1)
        assert head.startswith(b"HTTP/1.1 200 "), head
        left = int(re.search(rb"(?i)\r\ncontent-length: (\d+)", head)[1]) - len(body)
        while left > 0:
            piece = self.socket.recv(min(left, 1 << 20))
            assert piece, "the body ended early"
            left -= len(piece)
        return took


def main():
    if not os.path.exists(GATEWAY):
        sys.exit("first: cargo build --release")
    folder = tempfile.mkdtemp(prefix="gw-bench-")
    process = None
    try:
        port, process = start_gateway(folder)
        sys.exit(measure(port))
    finally:
        if process:
            process.terminate()
            process.wait()
        shutil.rmtree(folder)


def measure(port):
    origin, missed = Origin(), 0
    print(f"us to the first byte, p50 of {ROUNDS * REQUESTS}; target <= {TARGET_US} us later")
    for name in TYPES:
        for size in SIZES:
            path, host = f"/{name}/{size}", f"origin.test:{origin.port}"
            direct = Client(origin.port, path, host, origin.begun)
            through = Client(port, f"http://{host}{path}", host, origin.begun)
            for turn in range(ROUNDS + 1):
                for client in (direct, through):
                    times = [client.ask() for _ in range(REQUESTS if turn else WARM_UP)]
                    client.times += times if turn else []
            one, other = (statistics.median(client.times) for client in (direct, through))
            held = size <= TAIL or name in WHOLE
            late = other - one
            missed += late > TARGET_US and not held
            word = "waits for its end" if held else "missed" if late > TARGET_US else "met"
            print(f"{name:8} {size >> 10:6} KiB   origin {one:6.0f}   gateway {other:6.0f}   later {late:6.0f}   {word}")
    return 1 if missed else 0


def start_gateway(folder):
    state = os.path.join(folder, "state")
    databases = os.path.join(state, "policy/av")
    os.makedirs(databases)
    for path, text in (
        (os.path.join(databases, "own.hsb"), DIGEST),
        (os.path.join(databases, "own.ndb"), BODY),
        (os.path.join(state, "policy/rules.toml"), RULES),
        (
            os.path.join(state, "gateway.toml"),
            'listen = ["127.0.0.1:0"]\n[origin]\nallow = ["127.0.0.0/8"]\n'
            '[resolve]\n"origin.test" = ["127.0.0.1"]\n[log]\nterminal = "off"\n',
        ),
    ):
        with open(path, "w") as file:
            file.write(text)
    process = subprocess.Popen(
        [GATEWAY, "--state", state, "run"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    for line in process.stdout:
        if found := re.search(r"listens on 127\.0\.0\.1:(\d+)", line):
            threading.Thread(target=process.stdout.read, daemon=True).start()
            return int(found[1]), process
    sys.exit("the gateway does not start")


if __name__ == "__main__":
    main()
