// A coaching page: the first visit to a site is answered with a word of advice, and whoever goes on
// has read it. The answer is the Worker's own; the site hears nothing of that visit.
import { WorkerEntrypoint } from "cloudflare:workers";

const COOKIE = "gateway-coached";

export class GatewayMiddleware extends WorkerEntrypoint {
  async handle(request, context, next) {
    const cookies = (request.headers.get("Cookie") ?? "").split(/;\s*/).filter(Boolean);
    const others = cookies.filter((cookie) => cookie !== `${COOKIE}=1`);
    const coached = others.length < cookies.length;
    const navigates = request.method === "GET" && wantsHtml(request);
    if (navigates && !coached) return page(this.env.MESSAGE, context);
    // The site need not know.
    const passed = new Request(request);
    passed.headers.delete("Cookie");
    if (others.length > 0) passed.headers.set("Cookie", others.join("; "));
    return next(passed);
  }
}

function wantsHtml(request) {
  return (request.headers.get("Accept") ?? "").includes("text/html");
}

function page(message, context) {
  const html = `<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Before you go on</title>
<h1>Before you go on to ${escaped(context.host)}</h1>
<p>${escaped(message ?? "Please do not share what is confidential.")}</p>
<p><a href="">I understand: go on</a></p></html>
`;
  return new Response(html, {
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Cache-Control": "no-store",
      "Set-Cookie": `${COOKIE}=1; Max-Age=3600; Path=/; HttpOnly`,
    },
  });
}

function escaped(text) {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}
