"""A server for the network tests: HTTP, HTTPS, and something that answers queries of DNS, over IPv4
and IPv6.

It tells who asked for what, so that a test can see what really arrived.
"""

import http.server
import json
import socket
import ssl
import sys
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = json.dumps(
            {
                "host": self.headers.get("Host"),
                "path": self.path,
                "at": self.connection.getsockname()[0],
                "from": self.client_address[0],
            }
        ).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class ServerV6(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6

    def server_bind(self):
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        super().server_bind()


def serve(port, context):
    servers = [
        http.server.ThreadingHTTPServer(("0.0.0.0", port), Handler),
        ServerV6(("::", port), Handler),
    ]
    for server in servers:
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()


def context(directory):
    contexts = {}
    for name in ["origin.test", "private.test"]:
        contexts[name] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        contexts[name].load_cert_chain(f"{directory}/{name}.pem")
    first = contexts["origin.test"]

    def choose(connection, name, _):
        connection.context = contexts.get(name, first)

    first.sni_callback = choose
    return first


def answer_queries():
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("0.0.0.0", 53))
    print("ready", flush=True)
    while True:
        query, client = server.recvfrom(65536)
        print("query from", client, flush=True)
        answer = bytearray(query)
        if len(answer) > 2:
            answer[2] |= 0x80
        server.sendto(bytes(answer), client)


serve(80, None)
serve(443, context(sys.argv[1]))
answer_queries()
