"""A WebSocket server and clients for the end-to-end tests, on the PyPI package `websockets`.

ws_peers.py server CERT.der KEY.der deflate|plain
ws_peers.py client PROXY CA.pem URL deflate|plain ACTION

Both print one JSON object per line of what they see.
"""

import asyncio
import base64
import hashlib
import json
import os
import ssl
import sys
import tempfile
import urllib.parse

from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Response

# In two halves, so that this file is no test file itself.
EICAR = r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-" + "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
CARD = "4111 1111 1111 1111"

PAGE = """<!doctype html><title>chat</title><script>
const tell = (what) => fetch('/tell?' + new URLSearchParams({what: JSON.stringify(what)}));
const run = (path, send) => new Promise((done) => {
  const socket = new WebSocket('wss://' + location.host + path, ['chat']);
  const seen = [];
  socket.onopen = () => send.forEach((text) => socket.send(text));
  socket.onmessage = (event) => {
    seen.push(event.data);
    if (seen.length === send.length && path === '/echo') socket.close(1000, 'done');
  };
  socket.onclose = (event) => done({
    path, seen, code: event.code, reason: event.reason, clean: event.wasClean,
    extensions: socket.extensions,
  });
});
(async () => {
  const results = [
    await run('/echo', ['one', 'two', 'three']),
    await run('/count', ['fine', 'the card is CARD']),
    await run('/eicar', ['give']),
  ];
  await tell(results);
})();
</script>""".replace("CARD", CARD)


def say(**what):
    print(json.dumps(what), flush=True)


def pem_file(der_file, label):
    with open(der_file, "rb") as file:
        text = base64.encodebytes(file.read()).decode()
    with tempfile.NamedTemporaryFile("w", suffix=".pem", delete=False) as file:
        file.write(f"-----BEGIN {label}-----\n{text}-----END {label}-----\n")
    return file.name


def process_request(_, request):
    url = urllib.parse.urlsplit(request.path)
    if request.headers.get("Upgrade"):
        return None
    headers = Headers({"Content-Type": "text/html", "Connection": "close"})
    if url.path == "/tell":
        what = urllib.parse.parse_qs(url.query)["what"][0]
        say(page=json.loads(what))
        return Response(200, "OK", headers, b"told")
    if url.path == "/page":
        return Response(200, "OK", headers, PAGE.encode())
    return Response(404, "Not Found", headers, b"")


async def handle(socket):
    path = socket.request.path
    count = 0
    digest = hashlib.sha256()
    try:
        async for message in socket:
            count += 1
            if path == "/echo":
                await socket.send(message)
            elif path == "/eicar":
                await socket.send(EICAR)
            elif path == "/card":
                await socket.send(f"its card is {CARD}")
            elif path == "/digest":
                digest.update(message)
                await socket.send(digest.hexdigest())
    except ConnectionClosed:
        pass
    say(path=path, messages=count, code=socket.close_code, reason=socket.close_reason)


async def run_server(cert, key, compression):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    files = [pem_file(cert, "CERTIFICATE"), pem_file(key, "PRIVATE KEY")]
    context.load_cert_chain(*files)
    for file in files:
        os.unlink(file)
    options = {"compression": compression, "max_size": None, "subprotocols": ["chat"]}
    server = await serve(
        handle, "127.0.0.1", 0, ssl=context, process_request=process_request, **options
    )
    say(port=server.sockets[0].getsockname()[1])
    await server.serve_forever()


async def echo(socket):
    for message in ["text", "ümläut", b"\x00\xff" * 1000, "", "x" * 100_000]:
        await socket.send(message)
        assert await socket.recv() == message, message
    await asyncio.wait_for(await socket.ping(), 20)
    numbers = 10_000

    async def send():
        for number in range(numbers):
            await socket.send(f"message {number}")

    sending = asyncio.create_task(send())
    for number in range(numbers):
        assert await socket.recv() == f"message {number}", number
    await sending
    await asyncio.wait_for(await socket.ping(), 20)
    return {"echoed": numbers + 5}


async def card(socket):
    await socket.send("nothing special")
    await socket.send(f"my card is {CARD}, keep it")
    await socket.recv()


async def told(socket):
    await socket.send(f"my card is {CARD}, keep it")
    return {"told": await socket.recv()}


async def eicar(socket):
    await socket.send("give")
    await socket.recv()


async def bomb(socket):
    await socket.send(bytes(32 << 20))
    await socket.recv()


async def large(socket):
    block = os.urandom(1 << 20)
    pieces = 64
    message = block * pieces
    await socket.send(message)
    return {"same": await socket.recv() == hashlib.sha256(message).hexdigest()}


async def run_client(proxy, ca, url, compression, action):
    context = ssl.create_default_context(cafile=ca)
    options = {"compression": compression, "max_size": None, "subprotocols": ["other", "chat"]}
    seen = {}
    async with connect(url, ssl=context, proxy=proxy, **options) as socket:
        extensions = socket.response.headers.get("Sec-WebSocket-Extensions", "")
        try:
            seen = await ACTIONS[action](socket) or {}
        except ConnectionClosed:
            pass
        await socket.close()
    say(
        extensions=extensions,
        protocol=socket.subprotocol,
        code=socket.close_code,
        reason=socket.close_reason,
        **seen,
    )


ACTIONS = {
    "bomb": bomb,
    "card": card,
    "echo": echo,
    "eicar": eicar,
    "large": large,
    "told": told,
}


def main(role, *arguments):
    compression = {"deflate": "deflate", "plain": None}
    if role == "server":
        cert, key, how = arguments
        asyncio.run(run_server(cert, key, compression[how]))
    else:
        proxy, ca, url, how, action = arguments
        asyncio.run(run_client(proxy, ca, url, compression[how], action))


if __name__ == "__main__":
    main(*sys.argv[1:])
