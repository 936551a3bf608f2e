// Redaction: named fields of a JSON upload are blanked before they leave. What cannot be looked into
// does not leave either.
import { WorkerEntrypoint } from "cloudflare:workers";

const BYTES_MAX = 1 << 20;

export class GatewayMiddleware extends WorkerEntrypoint {
  async handle(request, context, next) {
    const type = (request.headers.get("Content-Type") ?? "").toLowerCase();
    if (request.body === null || !/^application\/([\w.-]+\+)?json\b/.test(type)) {
      return next(request);
    }
    const length = Number(request.headers.get("Content-Length") ?? Number.NaN);
    if (request.headers.has("Content-Encoding") || !(length <= BYTES_MAX)) {
      return refused(413, "JSON uploads must be plain, and of 1 MiB at the most.");
    }
    let value;
    try {
      value = await request.json();
    } catch {
      return refused(400, "This is not JSON.");
    }
    const fields = new Set((this.env.FIELDS ?? "password,ssn").split(",").map((f) => f.trim()));
    const body = JSON.stringify(redacted(value, fields));
    return next(new Request(request, { body }));
  }
}

function redacted(value, fields) {
  if (Array.isArray(value)) return value.map((item) => redacted(item, fields));
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).map(([name, item]) => [
    name,
    fields.has(name) ? "[redacted]" : redacted(item, fields),
  ]);
  return Object.fromEntries(entries);
}

function refused(status, detail) {
  return Response.json({ title: "Refused", status, detail }, { status });
}
