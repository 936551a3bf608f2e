"""A client of SOCKS 5 that asks for a relay for datagrams, and queries through it.

The first argument is the host of the proxy, with `user:password@` before it where those are given.
Prints one line for each datagram that came back: from where, and how long it was.
"""

import socket
import struct
import sys

QUERY = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x07example\x03com\0\0\x01\0\x01"


def address(host, port):
    try:
        return b"\x01" + socket.inet_aton(host) + struct.pack(">H", port)
    except OSError:
        return b"\x03" + bytes([len(host)]) + host.encode() + struct.pack(">H", port)


credentials, _, proxy = sys.argv[1].rpartition("@")
control = socket.create_connection((proxy, int(sys.argv[2])), timeout=20)
if credentials:
    user, password = (text.encode() for text in credentials.split(":"))
    control.sendall(b"\x05\x01\x02")
    assert control.recv(2) == b"\x05\x02", "no password is asked for"
    pair = bytes([len(user)]) + user + bytes([len(password)]) + password
    control.sendall(b"\x01" + pair)
    assert control.recv(2) == b"\x01\0", "the password is refused"
else:
    control.sendall(b"\x05\x01\0")
    assert control.recv(2) == b"\x05\0", "no method"
control.sendall(b"\x05\x03\0\x01\0\0\0\0\0\0")
reply = control.recv(10)
assert reply[:4] == b"\x05\0\0\x01", reply
relay = (socket.inet_ntoa(reply[4:8]), struct.unpack(">H", reply[8:10])[0])
datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for to in sys.argv[3:]:
    host, port, payload = to.rsplit(":", 2)
    payload = QUERY if payload == "query" else payload.encode()
    datagrams.settimeout(20 if payload == QUERY and not host.startswith("!") else 1)
    host = host.removeprefix("!")
    datagrams.sendto(b"\0\0\0" + address(host, int(port)) + payload, relay)
    try:
        answer, _ = datagrams.recvfrom(65536)
        assert answer[:4] == b"\0\0\0\x01", answer
        came = socket.inet_ntoa(answer[4:8]), struct.unpack(">H", answer[8:10])[0]
        print(to, "answered by", "%s:%d" % came, len(answer) - 10)
    except TimeoutError:
        print(to, "unanswered")
control.close()
