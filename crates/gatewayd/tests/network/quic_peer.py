"""A QUIC server that gives back what it is sent, and its client.

Usage: quic_peer.py serve DIRECTORY ADDRESS | quic_peer.py ask DIRECTORY ADDRESS SERVER_NAME
"""

import asyncio
import os
import sys

from aioquic.asyncio import connect, serve
from aioquic.quic.configuration import QuicConfiguration

ROLE, DIRECTORY, ADDRESS = sys.argv[1:4]


async def echo(reader, writer):
    writer.write(b"echo " + await reader.read())
    writer.write_eof()


def on_stream(reader, writer):
    asyncio.ensure_future(echo(reader, writer))


async def run_server():
    configuration = QuicConfiguration(is_client=False, alpn_protocols=["echo"])
    configuration.load_cert_chain(f"{DIRECTORY}/origin.test.pem")
    await serve(ADDRESS, 443, configuration=configuration, stream_handler=on_stream)
    print("ready", flush=True)
    await asyncio.sleep(300)


async def ask(name):
    configuration = QuicConfiguration(
        is_client=True, alpn_protocols=["echo"], server_name=name
    )
    configuration.load_verify_locations(f"{DIRECTORY}/origin-ca.pem")
    async with connect(ADDRESS, 443, configuration=configuration) as client:
        reader, writer = await client.create_stream()
        writer.write(b"hello")
        writer.write_eof()
        print("came back:", (await reader.read()).decode(), flush=True)


if ROLE == "serve":
    asyncio.run(run_server())
else:
    try:
        wait = 20 if sys.argv[5:] == [] else float(sys.argv[5])
        asyncio.run(asyncio.wait_for(ask(sys.argv[4]), wait))
    except Exception as error:  # whatever keeps the connection from standing
        print("no answer:", type(error).__name__, flush=True)
        os._exit(1)
