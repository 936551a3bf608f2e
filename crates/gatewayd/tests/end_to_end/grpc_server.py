"""A gRPC server that echoes. Arguments: key file, certificate file. Prints its port, then runs until
its standard input ends."""

import sys
from concurrent import futures

import grpc

key, certificate = (open(name, "rb").read() for name in sys.argv[1:])


def once(request, context):
    if request == b"refuse":
        context.set_trailing_metadata((("x-why", "asked for"),))
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, "as you like")
    context.set_trailing_metadata((("x-seen", str(len(request))),))
    return request


def each(requests, context):
    count = 0
    for request in requests:
        count += 1
        yield request
    context.set_trailing_metadata((("x-seen", str(count)),))


methods = grpc.method_handlers_generic_handler(
    "test.Echo",
    {
        "Once": grpc.unary_unary_rpc_method_handler(once),
        "Each": grpc.stream_stream_rpc_method_handler(each),
    },
)
server = grpc.server(futures.ThreadPoolExecutor(max_workers=8), handlers=(methods,))
credentials = grpc.ssl_server_credentials(((key, certificate),))
port = server.add_secure_port("127.0.0.1:0", credentials)
server.start()
print(port, flush=True)
sys.stdin.read()
server.stop(None)
