#!/usr/bin/env python3
"""What a Worker in the path costs: latency and throughput through the release gateway, against the
same Worker called over its own socket.

    cargo build --release && cargo xtask test setup
    python3 benches/workers.py [GATEWAY]

Standard library only; everything runs on this machine and is gone at the end. One client, one
connection, one request at a time; the cases take turns, so that what else the machine does falls on
all of them alike.

Latency is measured in four ways. Either every `workerd` has one core to itself, and the client, the
origin and the gateway share another: alone or not, a Worker then finds its caches as it left them,
which is what it finds where clients are on other machines. Or all run where the system puts them: on
two cores three programs then drive each other out, whichever of them is measured, and the figures of
one run say little. And in both ways the cores either fall asleep when there is nothing to do, so that
a virtual machine's way of waking them is measured too, or are kept awake, as they are under load, by
processes that run when nobody else wants to. Bodies are measured without places, since they keep all
cores busy.

An own answer is compared with the same Worker, the process that the gateway has started, called over its
socket: two processes that run the same code may differ by a fifth. What a Worker passes on it gives to the
gateway, so there the comparison is with a process whose egress is a server that answers at once.

Each case also tells the CPU time of the gateway, of `workerd` and of this process (client and origin
together) for one request or one MiB: where cores are shared, that is what a figure is made of. For
bodies, `workerd` alone is measured twice: over Unix sockets on both sides, and as a proxy of its own
would run, over TCP on both sides as the gateway does.
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
GATEWAY = sys.argv[1] if len(sys.argv) > 1 else os.path.join(TARGET, "release/gateway-proxy")
WORKERD = glob.glob(os.path.join(TARGET, "workerd/node_modules/@cloudflare/*/bin/workerd"))
# Short turns, so that a machine that is slower for a second is so for each case; what a turn begins
# with finds the caches of the one before, and is not counted.
ROUNDS, REQUESTS, WARM_UP = 100, 50, 10
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

# Keeps a core awake, and takes no time from anybody who wants it.
AWAKE = """import os, sys
os.sched_setaffinity(0, {int(sys.argv[1])})
os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
while True: pass
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


def cpu_ns(pid):
    """CPU time of all threads of a process, user and system."""
    total = 0
    for path in glob.glob(f"/proc/{pid}/task/*/schedstat"):
        try:
            with open(path) as file:
                total += int(file.read().split()[0])
        except (FileNotFoundError, ProcessLookupError):
            pass
    return total


def child_of(pid):
    """The `workerd` of a gateway."""
    for stat in glob.glob("/proc/[0-9]*/stat"):
        try:
            with open(stat) as file:
                fields = file.read().rsplit(")", 1)[1].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == pid:
            return int(stat.split("/")[2])
    sys.exit("the gateway has no workerd")


class Case:
    """One thing to ask for, over one connection, and what was measured of it."""

    def __init__(self, name, client, processes):
        self.name, self.client, self.processes = name, client, processes
        self.forget()

    def forget(self):
        self.times = []
        self.cpu = [0] * (len(self.processes) + 1)

    def run(self, count, warm=False):
        pids = [*self.processes, os.getpid()]
        before = [cpu_ns(pid) for pid in pids]
        for _ in range(count):
            began = time.perf_counter_ns()
            self.client.ask()
            if not warm:
                self.times.append((time.perf_counter_ns() - began) / 1000)
        if not warm:
            for index, pid in enumerate(pids):
                self.cpu[index] += cpu_ns(pid) - before[index]

    def p50(self):
        return statistics.median(self.times)

    def cpu_us(self, units):
        """Microseconds of each process for each unit of work."""
        names = [*self.processes.values(), "client and origin"]
        return "  ".join(f"{name} {ns / 1000 / units:.0f}" for name, ns in zip(names, self.cpu))


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
    origin, egress = Origin(), os.path.join(folder, "egress.sock")
    Origin(egress)
    port, gateway_process = start_gateway(folder)
    processes.append(gateway_process)
    gateway, unix, tcp = ("127.0.0.1", port), os.path.join(folder, "main.sock"), free_port()
    alone = start_workerd(folder, "unix", f"unix:{unix}", f"unix:{egress}")
    processes.append(alone)
    over_tcp = start_workerd(folder, "tcp", f"127.0.0.1:{tcp}", f"127.0.0.1:{origin.port}")
    processes.append(over_tcp)
    cf = metadata(origin.port)
    at = lambda host, path: (f"http://{host}:{origin.port}{path}", f"{host}:{origin.port}")
    of_gateway = {gateway_process.pid: "gateway"}
    of_both = of_gateway | {child_of(gateway_process.pid): "workerd"}
    of_alone, of_tcp = {alone.pid: "workerd"}, {over_tcp.pid: "workerd"}
    of_child = {child_of(gateway_process.pid): "workerd"}
    own_socket = os.path.join(os.readlink(f"/proc/{child_of(gateway_process.pid)}/cwd"), "main.sock")
    cases = [
        Case("redirect by the gateway", Client(gateway, "http://moved.test/", "moved.test"), of_gateway),
        Case("gateway, own answer of the Worker", Client(gateway, *at("worker.test", "/own")), of_both),
        Case("the same Worker over its socket", Client(own_socket, *at("worker.test", "/own"), cf), of_child),
        Case("Worker alone, own answer", Client(unix, *at("worker.test", "/own"), cf), of_alone),
        Case("gateway to origin", Client(gateway, *at("plain.test", "/")), of_gateway),
        Case("gateway, Worker passes on", Client(gateway, *at("worker.test", "/")), of_both),
        Case("Worker alone passes on", Client(unix, *at("worker.test", "/"), cf), of_alone),
    ]
    anywhere = os.sched_getaffinity(0)
    ours, theirs = [os.getpid(), gateway_process.pid], [alone.pid, child_of(gateway_process.pid)]
    if len(anywhere) > 1:
        first, second, *_ = sorted(anywhere)
        place(ours, {first})
        place(theirs, {second})
        latency_of(cases, "Workers on a core of their own", anywhere)
        place([*ours, *theirs], anywhere)
    latency_of(cases, "where the system puts them", anywhere)
    bodies = [
        Case("gateway to origin", Client(gateway, *at("plain.test", "/body")), of_gateway),
        Case("gateway, Worker passes on", Client(gateway, *at("worker.test", "/body")), of_both),
        Case("Worker alone passes on", Client(unix, *at("worker.test", "/body"), cf), of_alone),
        Case("the same over TCP", Client(("127.0.0.1", tcp), *at("worker.test", "/body"), cf), of_tcp),
    ]
    for turn in range(BODY_ROUNDS + 1):
        for case in bodies:
            case.run(1, warm=not turn)
    print("CPU in us a MiB:")
    rates = [len(BODY) / case.p50() for case in bodies]
    for case, rate in zip(bodies, rates):
        print(f"{case.name:36} {rate:7.0f} MB/s   {case.cpu_us(BODY_ROUNDS * len(BODY) >> 20)}")
    for against, rate in (("the Worker alone", rates[2]), ("the same over TCP", rates[3])):
        print(f"throughput, of {against:21} {rates[1] / rate:7.0%}   target >= 80%")


def place(processes, cores):
    """All threads of these processes run on these cores from now on."""
    for process in processes:
        for thread in os.listdir(f"/proc/{process}/task"):
            os.sched_setaffinity(int(thread), cores)


def latency_of(cases, places, cores):
    """Latency with cores that fall asleep, and with cores that are kept awake."""
    print(f"{places}, cores asleep between requests")
    latency(cases)
    busy = [subprocess.Popen([sys.executable, "-c", AWAKE, str(core)]) for core in cores]
    try:
        print(f"{places}, cores awake")
        latency(cases)
    finally:
        for process in busy:
            process.kill()
            process.wait()


def latency(cases):
    for case in cases:
        case.forget()
    for case in cases * ROUNDS:
        case.run(WARM_UP, warm=True)
        case.run(REQUESTS)
    print("CPU in us a request:")
    for case in cases:
        took = f"p50 {case.p50():7.0f} us   min {min(case.times):6.0f} us"
        print(f"{case.name:36} {took}   {case.cpu_us(ROUNDS * REQUESTS)}")
    moved, own, own_same, own_alone, plain, passed, passed_alone = (case.p50() for case in cases)
    show("added, own answer", own - moved, own_same)
    show("the same, of a Worker alone", own - moved, own_alone)
    show("added, passed on", passed - plain, passed_alone)


def metadata(port):
    """What the gateway tells a Worker, so that both have the same to do."""
    context = {
        "requestId": "0123456789abcdef0000000001-1",
        "sessionId": "0123456789abcdef0000000001",
        "srcIp": "127.0.0.1",
        "srcPort": 50000,
        "dstHost": "worker.test",
        "dstPort": port,
        "scheme": "http",
        "host": "worker.test",
        "method": "GET",
        "httpVersion": "HTTP/1.1",
        "policyId": "bench",
        "policyName": "bench",
        "workerName": "bench",
        "workerVersion": "0123456789ab",
        "url": f"http://worker.test:{port}/own",
    }
    flow = json.dumps({"v": 1, "flow": "0" * 32, "ctx": context}, separators=(",", ":"))
    return f"gw-cf: {flow}\r\nAccept-Encoding: identity\r\n"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


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


def start_workerd(folder, name, listen, egress):
    """The same host module and Worker, its egress a server that answers at once."""
    alone = os.path.join(folder, name)
    os.makedirs(os.path.join(alone, "worker"))
    with open(os.path.join(ROOT, "crates/gatewayd/src/workers/host.js")) as file:
        host = file.read().replace("MAIN", "index.js")
    files = {
        "host.js": host,
        "worker/index.js": SCRIPT,
        "config.capnp": f"""using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main),
    (name = "next", external = (address = "{egress}",
      http = (style = proxy, cfBlobHeader = "gw-cf")))],
  sockets = [(name = "main", address = "{listen}", service = "main",
    http = (style = proxy, cfBlobHeader = "gw-cf"))]);
const main :Workerd.Worker = (
  modules = [(name = "host.js", esModule = embed "host.js"),
    (name = "worker/index.js", esModule = embed "worker/index.js")],
  compatibilityDate = "2026-11-01",
  bindings = [(name = "GATEWAY", service = "next"), (name = "VARS", json = "{{}}")]);
""",
    }
    for path, contents in files.items():
        with open(os.path.join(alone, path), "w") as file:
            file.write(contents)
    command = [WORKERD[0], "serve", "config.capnp", "config", "--control-fd", "1"]
    process = subprocess.Popen(command, cwd=alone, stdout=subprocess.PIPE, text=True)
    if '"listen"' not in process.stdout.readline():
        sys.exit("workerd does not start")
    return process


main()
