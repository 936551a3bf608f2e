"""Calls the echo server through a proxy, and prints what came of it, one JSON object a line.
Arguments: port of the proxy, CA file, authority of the server."""

import json
import queue
import sys

import grpc

proxy_port, ca, authority = sys.argv[1:]
credentials = grpc.ssl_channel_credentials(open(ca, "rb").read())
options = (("grpc.http_proxy", f"http://127.0.0.1:{proxy_port}"),)
channel = grpc.secure_channel(authority, credentials, options)


def told(what, **facts):
    print(json.dumps({"call": what, **facts}), flush=True)


def trailing(call):
    return {key: value for key, value in call.trailing_metadata() or () if key.startswith("x-")}


once = channel.unary_unary("/test.Echo/Once")
for what, message in (("small", b"hello"), ("large", b"x" * 3_000_000), ("card", b"4111 1111 1111 1111")):
    try:
        answer, call = once.with_call(message, timeout=30)
        told(what, same=answer == message, status=call.code().name, **trailing(call))
    except grpc.RpcError as error:
        told(what, status=error.code().name)
try:
    once(b"refuse", timeout=30)
except grpc.RpcError as error:
    told("refuse", status=error.code().name, details=error.details(), **trailing(error))

# Each message is sent only when the one before has come back.
ask = queue.Queue()
each = channel.stream_stream("/test.Echo/Each")
answers = each(iter(ask.get, None), timeout=60)
came = []
for number in range(10):
    # A digit at the end could go on as something that is looked for, and would be held.
    message = b"message %d, please" % number
    ask.put(message)
    came.append(next(answers) == message)
ask.put(None)
rest = list(answers)
told("each", same=all(came), rest=len(rest), status=answers.code().name, **trailing(answers))
