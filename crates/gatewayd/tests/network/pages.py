"""Serves a page that is one of two WebRTC peers, and carries what they have to say to each other.

Usage: pages.py ADDRESS PORT TURN_HOST. /page?offer and /page?answer are the peers, which use a relay
alone; /box/NAME holds what was put there until it is asked for.
"""

import http.server
import sys
import threading

ADDRESS, PORT, TURN_HOST = sys.argv[1], int(sys.argv[2]), sys.argv[3]

PAGE = """<!doctype html><title>peer</title><script>
const role = location.search.slice(1), other = role == "offer" ? "answer" : "offer";
const put = (box, text) => fetch("/box/" + box, {method: "POST", body: text});
async function take(box) {
  for (;;) {
    const got = await fetch("/box/" + box);
    if (got.status == 200) return await got.text();
    await new Promise(done => setTimeout(done, 200));
  }
}
async function run() {
  const peer = new RTCPeerConnection({
    iceTransportPolicy: "relay",
    iceServers: [{urls: "turn:TURN_HOST:3478?transport=udp", username: "user", credential: "pass"}],
  });
  const gathered = new Promise(done => {
    peer.onicecandidate = event => { if (!event.candidate) done(); };
  });
  if (role == "offer") {
    const channel = peer.createDataChannel("test");
    channel.onopen = () => channel.send("hello");
    channel.onmessage = event => put("result", event.data);
    await peer.setLocalDescription();
  } else {
    peer.ondatachannel = ({channel}) => {
      channel.onmessage = event => channel.send(event.data + " yourself");
    };
    await peer.setRemoteDescription({type: "offer", sdp: await take("offer")});
    await peer.setLocalDescription();
  }
  // A relay that never answers is waited for much longer.
  await Promise.race([gathered, new Promise(done => setTimeout(done, 12000))]);
  const sdp = peer.localDescription.sdp;
  if (!sdp.includes("typ relay")) return put("result", "no relay");
  await put(role, sdp);
  if (role == "offer") {
    await peer.setRemoteDescription({type: "answer", sdp: await take("answer")});
  }
}
run().catch(error => put("result", "failed: " + error));
</script>""".replace("TURN_HOST", TURN_HOST)

boxes = {}
filled = threading.Condition()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path.startswith("/page?"):
            return self.answer(200, PAGE.encode())
        with filled:
            there = filled.wait_for(lambda: self.path in boxes, 2)
            body = boxes.get(self.path, b"")
        self.answer(200 if there else 404, body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with filled:
            boxes[self.path] = body
            filled.notify_all()
        if self.path == "/box/result":
            print("result:", body.decode(), flush=True)
        self.answer(200, b"")

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer((ADDRESS, PORT), Handler)
print("ready", flush=True)
server.serve_forever()
