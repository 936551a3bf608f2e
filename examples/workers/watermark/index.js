// A watermark: every page says for whom it was fetched and when, and may not be kept by caches. Other
// answers pass as they are, their bodies never seen by this code.
import { WorkerEntrypoint } from "cloudflare:workers";

export class GatewayMiddleware extends WorkerEntrypoint {
  async handle(request, context, next) {
    const response = await next(request);
    const type = response.headers.get("Content-Type") ?? "";
    if (!type.toLowerCase().startsWith("text/html")) return response;
    const identity = await context.identity();
    const mark = `${identity?.email ?? context.srcIp} · ${new Date().toISOString()}`;
    const marked = new Response(response.body, response);
    marked.headers.set("Cache-Control", "no-store");
    marked.headers.set("X-Watermark", identity?.email ?? context.srcIp);
    return new HTMLRewriter().on("body", new Mark(mark)).transform(marked);
  }
}

class Mark {
  constructor(mark) {
    this.mark = mark;
  }

  element(body) {
    body.append(
      '<div id="gateway-watermark" style="position:fixed;bottom:0;right:0;opacity:.4;' +
        'font:12px monospace;pointer-events:none">',
      { html: true },
    );
    body.append(this.mark);
    body.append("</div>", { html: true });
  }
}
