"""Asks a TURN relay to send a query of DNS to each peer named, and tells which answered.

Usage: turn_peers.py TURN_HOST PEER_IP...
"""

import asyncio
import os
import sys

from aioice import turn

QUERY = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x07example\x03com\0\0\x01\0\x01"


class Answers(asyncio.DatagramProtocol):
    def __init__(self):
        self.queue = asyncio.Queue()

    def datagram_received(self, data, addr):
        self.queue.put_nowait(addr[0])


async def main():
    transport, answers = await turn.create_turn_endpoint(
        Answers, server_addr=(sys.argv[1], 3478), username="user", password="pass"
    )
    print("relayed", flush=True)
    for peer in sys.argv[2:]:
        refused = peer.startswith("!")
        transport.sendto(QUERY, (peer.removeprefix("!"), 53))
        try:
            await asyncio.wait_for(answers.queue.get(), 2 if refused else 20)
            print(peer, "answered", flush=True)
        except asyncio.TimeoutError:
            print(peer, "unanswered", flush=True)
    os._exit(0)


asyncio.run(main())
