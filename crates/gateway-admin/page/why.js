// Describe a request and see which rule would meet it, where, and by which condition.

import { call, h, pill, trouble } from "./api.js";
import { step } from "./live.js";

export function why(main, asked) {
  const given = read(asked);
  const field = (id, name, input, hint) => h("label", { for: id }, name, input, hint && h("span.faint", {}, hint));
  const input = (id, more) => h("input", { id, autocomplete: "off", spellcheck: "false", ...more });
  const method = h("select", { id: "why-method" }, ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "CONNECT"].map((name) => h("option", { selected: name === given.method }, name)));
  const url = input("why-url", { type: "url", required: true, placeholder: "https://example.com/path", value: given.url ?? "" });
  const source = input("why-source", { placeholder: "192.0.2.7", value: given.source_ip ?? "" });
  const email = input("why-email", { placeholder: "someone@example.com" });
  const headers = h("textarea", { id: "why-headers", rows: "3", spellcheck: "false", placeholder: "Content-Type: application/zip" });
  const facts = h("textarea", { id: "why-facts", rows: "3", spellcheck: "false", placeholder: "dlp.upload.profiles = [\"financial\"]" });
  const ended = h("input", { id: "why-ended", type: "checkbox" });
  const result = h("section", { "aria-live": "polite" });
  const form = h("form.card.why", { onsubmit: (event) => { event.preventDefault(); send(); } },
    h("div.line", {}, field("why-method", "Method", method), field("why-url", "URL", url)),
    h("div.line", {}, field("why-source", "Client address", source), field("why-email", "User", email)),
    h("div.line", {}, field("why-headers", "Header fields, one a line", headers), field("why-facts", "Other facts, one a line", facts)),
    h("div.line.end", {}, h("label.check", { for: "why-ended" }, ended, "Nothing else will be found out"), h("button.primary", { type: "submit" }, "Ask why")));
  main.append(h("div.bar", {}, h("h1", {}, "Why"), h("p.faint.grow", {}, "Which rule would meet this request? Nothing is sent.")), form, result);
  const send = async () => {
    try {
      const described = { method: method.value, url: url.value.trim(), headers: lines(headers.value, ":", (text) => text), facts: lines(facts.value, "=", JSON.parse) };
      if (source.value.trim()) described.source_ip = source.value.trim();
      if (email.value.trim()) described.identity = { email: email.value.trim() };
      if (ended.checked) described.ended = ["connect", "client_hello", "request_body", "response_head", "response_body"];
      result.replaceChildren(...shown(await call("why", { json: described })));
    } catch (error) {
      result.replaceChildren(trouble(error));
    }
  };
  if (given.url) send();
}

function read(asked) {
  try {
    return asked ? JSON.parse(asked) : {};
  } catch {
    return {};
  }
}

function lines(text, sign, read) {
  const found = {};
  for (const line of text.split("\n")) {
    const at = line.indexOf(sign);
    if (!line.trim()) continue;
    if (at < 0) throw new Error(`“${line.trim()}” has no ${sign}`);
    const name = line.slice(0, at).trim();
    const value = line.slice(at + 1).trim();
    try {
      found[name] = read(value);
    } catch {
      throw new Error(`${name}: write text in double quotes, lists in brackets`);
    }
  }
  return found;
}

const says = { allow: "It passes.", block: "It is blocked.", redirect: "It is redirected.", off: "It is relayed without inspection." };
const acts = { proceed: "goes on", wait: "waits for facts", block: "blocks", redirect: "redirects", off: "does not inspect" };

function shown(answer) {
  const rule = answer.rule && [" By the rule ", h("a", { href: `#/rules/${encodeURIComponent(answer.rule.id)}` }, answer.rule.name), ` at the gate “${answer.gate}”.`];
  const sure = answer.certain ? "Nothing that is left open could change that." : "As far as is known: facts below could change that.";
  return [
    h(`div.card.verdict.${answer.action}`, {}, h("h2", {}, pill(answer.action), " ", says[answer.action]), h("p", {}, rule, " ", sure)),
    h("ol.gates", {}, answer.gates.map((gate) => h("li.card", {},
      h("h3", {}, gate.gate[0].toUpperCase() + gate.gate.slice(1), h(`span.tag.${gate.act}`, {}, acts[gate.act])),
      gate.location && h("p", {}, "to ", h("code", {}, gate.location)),
      gate.trail.length ? h("ol.trail", {}, gate.trail.map(step)) : h("p.faint", {}, "no rule matches"),
      gate.missing.length > 0 && h("details", { open: !answer.certain && gate.act === "wait" }, h("summary", {}, `${gate.missing.length} ${gate.missing.length === 1 ? "fact" : "facts"} not known`),
        h("ul.missing", {}, gate.missing.map((one) => h("li", {}, h("code", {}, one.field), one.values ? ` among ${one.values.slice(0, 8).join(", ")}` : "", h("span.faint", {}, ` ${one.doc}${one.before_gate ? "" : " Known only later."}${one.enforcing ? "" : " Counts only."}`)))))))),
  ];
}
