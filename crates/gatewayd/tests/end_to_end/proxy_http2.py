"""Asks for each URL through a proxy that is spoken to by HTTP/2 in TLS: what `curl --proxy-http2` does,
which the curl of Debian 12 is too old for.

Arguments: the port of the proxy, the file of the one authority to trust, and the URLs. Prints for each
the status line of the response and the body.
"""

import io
import sys

import pycurl

# CURLPROXY_HTTPS2, which pycurl has no name for.
HTTPS2 = 3

proxy, ca, *urls = sys.argv[1:]
transfer = pycurl.Curl()
for url in urls:
    body, head = io.BytesIO(), io.BytesIO()
    for option, value in [
        (pycurl.URL, url),
        (pycurl.PROXY, f"https://127.0.0.1:{proxy}"),
        (pycurl.PROXYTYPE, HTTPS2),
        (pycurl.PROXY_CAINFO, ca),
        (pycurl.CAINFO, ca),
        (pycurl.HTTPPROXYTUNNEL, 1),
        (pycurl.NOPROXY, ""),
        (pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_2TLS),
        (pycurl.WRITEDATA, body),
        (pycurl.HEADERFUNCTION, head.write),
        (pycurl.TIMEOUT, 60),
    ]:
        transfer.setopt(option, value)
    transfer.perform()
    status = [line for line in head.getvalue().decode().splitlines() if line.startswith("HTTP/")]
    print(*(line.strip() for line in status), body.getvalue().decode().strip(), sep=" | ")
