"""One of two WebRTC peers that reach each other by a TURN relay alone.

Usage: webrtc.py offer|answer DIRECTORY TURN_HOST. Descriptions pass as files in the directory. The
offering one prints what came back over the data channel.
"""

import asyncio
import os
import sys

from aiortc import (
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCSessionDescription,
)

ROLE, DIRECTORY, TURN_HOST = sys.argv[1:4]


def relayed_only(sdp):
    lines = sdp.splitlines()
    kept = [l for l in lines if not l.startswith("a=candidate") or "typ relay" in l]
    return "\r\n".join(kept) + "\r\n"


def put(kind, sdp):
    path = os.path.join(DIRECTORY, kind)
    with open(path + ".part", "w", newline="") as file:
        file.write(relayed_only(sdp))
    os.rename(path + ".part", path)


async def get(kind):
    path = os.path.join(DIRECTORY, kind)
    while not os.path.exists(path):
        await asyncio.sleep(0.05)
    with open(path, newline="") as file:
        return RTCSessionDescription(sdp=file.read(), type=kind)


def connection():
    server = RTCIceServer(
        urls=f"turn:{TURN_HOST}:3478", username="user", credential="pass"
    )
    return RTCPeerConnection(RTCConfiguration([server]))


async def offer():
    peer = connection()
    channel = peer.createDataChannel("test")
    came = asyncio.get_running_loop().create_future()
    channel.on("open", lambda: channel.send("hello"))
    channel.on("message", lambda message: came.done() or came.set_result(message))
    await peer.setLocalDescription(await peer.createOffer())
    put("offer", peer.localDescription.sdp)
    await peer.setRemoteDescription(await get("answer"))
    print("came back:", await came, flush=True)
    await peer.close()


async def answer():
    peer = connection()

    @peer.on("datachannel")
    def on_channel(channel):
        channel.on("message", lambda message: channel.send(message + " yourself"))

    print("ready", flush=True)
    await peer.setRemoteDescription(await get("offer"))
    await peer.setLocalDescription(await peer.createAnswer())
    put("answer", peer.localDescription.sdp)
    await asyncio.sleep(120)


try:
    wait = 25 if ROLE == "offer" else 150
    asyncio.run(asyncio.wait_for(offer() if ROLE == "offer" else answer(), wait))
except Exception as error:  # whatever keeps the channel from opening
    print("no channel:", type(error).__name__, flush=True)
    os._exit(1)
