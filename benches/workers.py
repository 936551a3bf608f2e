#!/usr/bin/env python3
"""What a Worker in the path costs: latency and throughput through the release gateway, against the
same Worker called over its own socket.

    cargo build --release && cargo xtask test setup
    python3 benches/workers.py

Standard library only; everything runs on this machine and is gone at the end. One client, one
connection, one request at a time; the cases take turns, so that what else the machine does falls on
all of them alike.
"""

import glob
import json
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
GATEWAY = os.path.join(TARGET, "release/gateway-proxy")
WORKERD = glob.glob(os.path.join(TARGET, "workerd/node_modules/@cloudflare/*/bin/workerd"))
ROUNDS, REQUESTS, WARM_UP = 8, 500, 200
BODY = b"x" * (64 << 20)
BODY_ROUNDS = 6

SCRIPT = """import { WorkerEntrypoint } from "cloudflare:workers";
export class GatewayMiddleware extends WorkerEntrypoint {
  async handle(request, context, next) {
    if (request.url.endsWith("/own")) return new Response("own", { headers: { "X-W": context.srcIp } });
    return next(request);
  }
}
"""

RULES = """
[[rule]]
id = "moved"
layer = "http"
action = "redirect"
redirect = { to = "http://elsewhere.test/" }
filter = 'http.request.host == "moved.test"'

[[rule]]
id = "bench"
layer = "http"
action = "forward"
worker = "bench"
filter = 'http.request.host == "worker.test"'
"""


class Origin:
    """Answers /body with BODY and all else with two bytes; takes absolute-form too. A Unix socket
    stands for the egress of the Worker that is called without the gateway."""

    def __init__(self, path=None):
        self.listener = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
        self.listener.bind(path or ("127.0.0.1", 0))
        self.listener.listen(64)
        self.port = None if path else self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        if connection.family == socket.AF_INET:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        unread = b""
        while True:
            while b"\r\n\r\n" not in unread:
                piece = connection.recv(1 << 16)
                if not piece:
                    return
                unread += piece
            head, unread = unread.split(b"\r\n\r\n", 1)
            body = BODY if head.split(b" ", 2)[1].endswith(b"/body") else b"hi"
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body))
            connection.sendall(body)


class Client:
    """One connection that asks for one thing."""

    def __init__(self, where, target, host, fields=""):
        self.socket = socket.socket(socket.AF_UNIX if isinstance(where, str) else socket.AF_INET)
        self.socket.connect(where)
        if not isinstance(where, str):
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.request = f"GET {target} HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n".encode()
        self.buffer = bytearray(1 << 20)

    def ask(self):
        self.socket.sendall(self.request)
        head = b""
        while b"\r\n\r\n" not in head:
            head += self.socket.recv(1 << 16)
        head, body = head.split(b"\r\n\r\n", 1)
        status = int(head[9:12])
        assert status in (200, 302), head
        length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
        if length is None and status == 302:
            return 0
        if length is None:
            return self.chunks(body)
        left = int(length[1]) - len(body)
        while left > 0:
            read = self.socket.recv_into(self.buffer, min(left, len(self.buffer)))
            assert read, "the body ended early"
            left -= read
        return int(length[1])

    def chunks(self, unread):
        """Reads to the last chunk; only its end is looked at, which no body here contains."""
        total = len(unread)
        tail = unread[-5:]
        while tail != b"0\r\n\r\n":
            read = self.socket.recv_into(self.buffer)
            assert read, "the body ended early"
            total += read
            tail = (tail + bytes(self.buffer[max(0, read - 5):read]))[-5:]
        return total


def main():
    if not os.path.exists(GATEWAY) or not WORKERD:
        sys.exit("first: cargo build --release && cargo xtask test setup")
    folder = tempfile.mkdtemp(prefix="gw-bench-")
    processes = []
    try:
        measure(folder, processes)
    finally:
        for process in processes:
            process.terminate()
            process.wait()
        shutil.rmtree(folder)


def measure(folder, processes):
    origin = Origin()
    port, gateway_process = start_gateway(folder)
    processes.append(gateway_process)
    alone, workerd_process = start_workerd(folder)
    processes.append(workerd_process)
    gateway = ("127.0.0.1", port)
    # What the gateway tells a Worker, so that both have the same to do.
    context = {
        "requestId": "0123456789abcdef0000000001-1",
        "sessionId": "0123456789abcdef0000000001",
        "srcIp": "127.0.0.1",
        "srcPort": 50000,
        "dstHost": "worker.test",
        "dstPort": origin.port,
        "scheme": "http",
        "host": "worker.test",
        "method": "GET",
        "httpVersion": "HTTP/1.1",
        "policyId": "bench",
        "policyName": "bench",
        "workerName": "bench",
        "workerVersion": "0123456789ab",
        "url": f"http://worker.test:{origin.port}/own",
    }
    flow = json.dumps({"v": 1, "flow": "0" * 32, "ctx": context}, separators=(",", ":"))
    cf = f"gw-cf: {flow}\r\nAccept-Encoding: identity\r\n"
    at = lambda host, path: (f"http://{host}:{origin.port}{path}", f"{host}:{origin.port}")
    cases = {
        "redirect by the gateway": lambda: Client(gateway, "http://moved.test/", "moved.test"),
        "gateway, own answer of the Worker": lambda: Client(gateway, *at("worker.test", "/own")),
        "Worker alone, own answer": lambda: Client(alone, *at("worker.test", "/own"), cf),
        "gateway to origin": lambda: Client(gateway, *at("plain.test", "/")),
        "gateway, Worker passes on": lambda: Client(gateway, *at("worker.test", "/")),
        "Worker alone passes on": lambda: Client(alone, *at("worker.test", "/"), cf),
    }
    clients = {name: make() for name, make in cases.items()}
    times = {name: [] for name in cases}
    for turn in range(ROUNDS + 1):
        for name, client in clients.items():
            for _ in range(REQUESTS if turn else WARM_UP):
                began = time.perf_counter_ns()
                client.ask()
                if turn:
                    times[name].append((time.perf_counter_ns() - began) / 1000)
    p50 = {name: statistics.median(taken) for name, taken in times.items()}
    for name, value in p50.items():
        print(f"{name:36} p50 {value:7.0f} us   min {min(times[name]):6.0f} us")
    own = p50["gateway, own answer of the Worker"] - p50["redirect by the gateway"]
    passed = p50["gateway, Worker passes on"] - p50["gateway to origin"]
    show("added, own answer", own, p50["Worker alone, own answer"])
    show("added, passed on", passed, p50["Worker alone passes on"])
    rates = {"gateway to origin": [], "gateway, Worker passes on": [], "Worker alone passes on": []}
    bodies = {
        "gateway to origin": Client(gateway, *at("plain.test", "/body")),
        "gateway, Worker passes on": Client(gateway, *at("worker.test", "/body")),
        "Worker alone passes on": Client(alone, *at("worker.test", "/body"), cf),
    }
    for turn in range(BODY_ROUNDS + 1):
        for name, client in bodies.items():
            began = time.perf_counter()
            client.ask()
            if turn:
                rates[name].append(len(BODY) / (time.perf_counter() - began) / 1e6)
    rate = {name: statistics.median(seen) for name, seen in rates.items()}
    for name, value in rate.items():
        print(f"{name:36} {value:7.0f} MB/s")
    share = rate["gateway, Worker passes on"] / rate["Worker alone passes on"]
    print(f"throughput, of the Worker alone      {share:7.0%}   target >= 80%")


def show(name, added, alone):
    print(f"{name:36} {added:11.0f} us   {added / alone:.2f} x alone, target <= 1.3")


def start_gateway(folder):
    state = os.path.join(folder, "state")
    worker = os.path.join(state, "policy/workers/bench")
    os.makedirs(worker)
    with open(os.path.join(worker, "index.js"), "w") as file:
        file.write(SCRIPT)
    with open(os.path.join(state, "policy/rules.toml"), "w") as file:
        file.write(RULES)
    with open(os.path.join(state, "gateway.toml"), "w") as file:
        file.write(
            'listen = ["127.0.0.1:0"]\n[origin]\nallow = ["127.0.0.0/8"]\n'
            '[resolve]\n"worker.test" = ["127.0.0.1"]\n"plain.test" = ["127.0.0.1"]\n'
            f'[log]\nterminal = "off"\n[workers]\nworkerd = "{WORKERD[0]}"\n'
        )
    process = subprocess.Popen(
        [GATEWAY, "--state", state, "run"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    for line in process.stdout:
        if found := re.search(r"listens on 127\.0\.0\.1:(\d+)", line):
            threading.Thread(target=process.stdout.read, daemon=True).start()
            return int(found[1]), process
    sys.exit("the gateway does not start")


def start_workerd(folder):
    """The same host module and Worker, its egress a server that answers at once."""
    alone = os.path.join(folder, "alone")
    os.makedirs(os.path.join(alone, "worker"))
    egress, main = os.path.join(alone, "egress.sock"), os.path.join(alone, "main.sock")
    Origin(egress)
    with open(os.path.join(ROOT, "crates/gatewayd/src/workers/host.js")) as file:
        host = file.read().replace("MAIN", "index.js")
    files = {
        "host.js": host,
        "worker/index.js": SCRIPT,
        "config.capnp": f"""using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main),
    (name = "next", external = (address = "unix:{egress}",
      http = (style = proxy, cfBlobHeader = "gw-cf")))],
  sockets = [(name = "main", address = "unix:{main}", service = "main",
    http = (style = proxy, cfBlobHeader = "gw-cf"))]);
const main :Workerd.Worker = (
  modules = [(name = "host.js", esModule = embed "host.js"),
    (name = "worker/index.js", esModule = embed "worker/index.js")],
  compatibilityDate = "2026-11-01",
  bindings = [(name = "GATEWAY", service = "next"), (name = "VARS", json = "{{}}")]);
""",
    }
    for name, contents in files.items():
        with open(os.path.join(alone, name), "w") as file:
            file.write(contents)
    command = [WORKERD[0], "serve", "config.capnp", "config", "--control-fd", "1"]
    process = subprocess.Popen(command, cwd=alone, stdout=subprocess.PIPE, text=True)
    if '"listen"' not in process.stdout.readline():
        sys.exit("workerd does not start")
    return main, process


main()
