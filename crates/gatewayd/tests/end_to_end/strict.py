"""Fetches / through a proxy in TLS, with the strictest verification that OpenSSL offers, and
prints the response. Arguments: port of the proxy, CA file, host, port."""

import socket
import ssl
import sys

proxy_port, ca, host, port = sys.argv[1:]
context = ssl.create_default_context(cafile=ca)
context.verify_flags |= ssl.VERIFY_X509_STRICT
assert context.check_hostname and context.verify_mode == ssl.CERT_REQUIRED

with socket.create_connection(("127.0.0.1", int(proxy_port)), timeout=20) as tunnel:
    tunnel.sendall(f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = tunnel.recv(1)
        assert byte, head
        head += byte
    assert head.startswith(b"HTTP/1.1 200 "), head
    with context.wrap_socket(tunnel, server_hostname=host) as tls:
        request = f"GET / HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n"
        tls.sendall(request.encode())
        while piece := tls.recv(4096):
            sys.stdout.write(piece.decode())
