// The host of one Worker: turns a request of the gateway into a call of the class that the Worker
// exports, in the same isolate. What the Worker's code can reach is what is passed to it here.
import * as worker from "worker/MAIN";

const Middleware = worker.GatewayMiddleware ?? worker.default;
if (typeof Middleware !== "function" || typeof Middleware.prototype?.handle !== "function") {
  throw new TypeError("MAIN exports no class GatewayMiddleware with a method handle()");
}

function contextOf(cf) {
  const identity = cf.identity ?? null;
  const posture = cf.posture ?? null;
  return Object.freeze({
    ...cf.ctx,
    identity: async () => structuredClone(identity),
    devicePosture: async () => structuredClone(posture),
  });
}

// Bodies of this length and more need not pass through here if they are left as they are.
const LARGE = 256 << 10;

// Whether an answer has the body that the origin sent, all of it still unread.
function isLeft(answer, origin) {
  const length = origin.response.headers.get("content-length");
  return answer.body === origin.body && !answer.bodyUsed && !answer.body.locked && length >= LARGE &&
    answer.headers.get("content-encoding") === origin.response.headers.get("content-encoding");
}

// A field value in ASCII, of a length that any server takes.
function fieldOf(error) {
  const text = JSON.stringify(String(error?.message ?? error).slice(0, 400));
  return text.replace(/[^\x20-\x7e]/g, (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));
}

export default {
  async fetch(incoming, env, ctx) {
    const cf = incoming.cf ?? {};
    const request = new Request(incoming, { cf: {} });
    let called = false;
    let origin = null;
    const next = async (passed = request) => {
      if (called) throw new Error("next() can be called once only");
      called = true;
      const response = await env.GATEWAY.fetch(passed, { cf: { flow: cf.flow }, redirect: "manual" });
      if (cf.join && request.body === null && passed?.body === null && response.body !== null) {
        origin = { response, body: response.body };
      }
      return response;
    };
    try {
      const response = await new Middleware(ctx, env.VARS).handle(request, contextOf(cf), next);
      if (!(response instanceof Response)) throw new TypeError("handle() gave no Response");
      const left = origin !== null && isLeft(response, origin);
      const answer = new Response(left ? null : response.body, response);
      answer.headers.delete("gw-worker-body");
      if (left) {
        answer.headers.delete("content-length");
        answer.headers.set("gw-worker-body", "origin");
      }
      answer.headers.set("gw-worker-outcome", "ok");
      return answer;
    } catch (error) {
      console.error(error?.stack ?? String(error));
      const headers = { "gw-worker-outcome": `exception ${fieldOf(error)}` };
      return new Response(null, { status: 500, headers });
    }
  },
};
