"""A client that sends datagrams for as long as it runs, and prints a line for each answer.

Usage: udp_talk.py HOST PORT [PROXY PORT], the latter for a relay by SOCKS 5.
"""

import socket
import struct
import sys

QUERY = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x07example\x03com\0\0\x01\0\x01"

to = (sys.argv[1], int(sys.argv[2]))
head = b""
if sys.argv[3:]:
    control = socket.create_connection((sys.argv[3], int(sys.argv[4])), timeout=20)
    control.sendall(b"\x05\x01\0\x05\x03\0\x01\0\0\0\0\0\0")
    reply = b""
    while len(reply) < 12:
        reply += control.recv(12 - len(reply))
    assert reply[:6] == b"\x05\0\x05\0\0\x01", reply
    head = b"\0\0\0\x01" + socket.inet_aton(to[0]) + struct.pack(">H", to[1])
    to = (socket.inet_ntoa(reply[6:10]), struct.unpack(">H", reply[10:12])[0])
datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
datagrams.settimeout(0.1)
answered = 0
while True:
    datagrams.sendto(head + QUERY, to)
    try:
        datagrams.recv(65536)
        answered += 1
        print("answer", answered, flush=True)
    except TimeoutError:
        pass
