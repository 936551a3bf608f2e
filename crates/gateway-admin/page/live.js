// Records as they come: a table, and what one of them tells.

import { byId, call, clock, h, open, pill, toast } from "./api.js";

const rowsMax = 300;

export function live(main, asked) {
  const state = { paused: false, text: "", kind: "http", only: "", rows: [], missed: 0 };
  const body = h("tbody");
  const said = h("span.faint", { role: "status" }, "connecting");
  const pause = h("button", { type: "button", "aria-pressed": "false", onclick: () => {
    state.paused = !state.paused;
    pause.setAttribute("aria-pressed", String(state.paused));
    pause.textContent = state.paused ? "Go on" : "Pause";
    if (!state.paused) draw();
  } }, "Pause");
  const option = (value, name) => h("option", { value }, name);
  const bar = h("form.bar", { role: "search", onsubmit: (event) => event.preventDefault() },
    h("label.grow", {}, h("span.hidden", {}, "Filter"), h("input", { id: "live-filter", type: "search", placeholder: "Filter by host, URL, client, rule …", oninput: (event) => { state.text = event.target.value.toLowerCase(); draw(); } })),
    h("label", {}, h("span.hidden", {}, "Kind"), h("select", { onchange: (event) => { state.kind = event.target.value; draw(); } }, option("http", "Requests"), option("session", "Connections"), option("", "Everything"))),
    h("label", {}, h("span.hidden", {}, "Action"), h("select", { id: "live-action", onchange: (event) => { state.only = event.target.value; draw(); } }, option("", "Any action"), option("block", "Blocked"), option("quarantine", "Quarantined"), option("redirect", "Redirected"), option("off", "Not inspected"), option("rule", "Met a rule"))),
    pause, said);
  const table = h("table.live", {}, h("thead", {}, h("tr", {}, ["Time", "Action", "Status", "What", "Client", "Rule", "ms"].map((name, at) => h(at === 6 ? "th.num" : "th", { scope: "col" }, name)))), body);
  const empty = h("p.empty.faint", {}, "Nothing yet. What goes through the gateway appears here at once.");
  main.append(h("h1.hidden", {}, "Live"), bar, h("div.scroll", {}, table), empty);

  const fits = (record) => (!state.kind || record.RecordType === state.kind)
    && (!state.only || record.Action === state.only || (state.only === "rule" && record.DecisionTrail?.length > 0))
    && (!state.text || JSON.stringify([record.URL, record.HTTPHost, record.SNI, record.ResolvedFQDN, record.SourceIP, record.PolicyID, record.PolicyName, record.HTTPMethod]).toLowerCase().includes(state.text));
  const draw = () => {
    const rows = state.rows.filter(fits).slice(0, rowsMax);
    body.replaceChildren(...rows.map(row));
    empty.hidden = rows.length > 0;
    empty.textContent = state.rows.length ? "No record fits the filter." : empty.textContent;
  };
  const add = (record) => {
    state.rows.unshift(record);
    state.rows.length = Math.min(state.rows.length, 2000);
    if (state.paused || !fits(record)) return;
    const fresh = row(record);
    fresh.classList.add("fresh");
    body.prepend(fresh);
    while (body.children.length > rowsMax) body.lastChild.remove();
    empty.hidden = true;
  };
  const stop = new AbortController();
  call("records?limit=100").then(({ records }) => {
    const known = new Set(state.rows.map((record) => record.RequestID + record.SessionEndTime));
    state.rows.push(...records.filter((record) => !known.has(record.RequestID + record.SessionEndTime)));
    draw();
  }).catch(() => {});
  watch(stop.signal, add, (text) => { said.textContent = text; }, state);
  if (asked) showById(asked);
  return () => stop.abort();
}

async function watch(signal, add, say, state) {
  let wait = 1000;
  while (!signal.aborted) {
    try {
      const response = await open("records/live", { signal });
      say("live");
      wait = 1000;
      await events(response.body, (event, data) => {
        if (event === "record") add(data);
        if (event === "dropped") {
          state.missed += data.records;
          say(`live, ${state.missed} missed`);
        }
      });
      say("the gateway ended the connection");
    } catch (error) {
      if (signal.aborted) return;
      say(error.message);
    }
    await new Promise((done) => setTimeout(done, wait));
    wait = Math.min(wait * 2, 15000);
  }
}

/// Reads server-sent events, which a token in a header can ask for only by fetch.
async function events(body, each) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const event = /^event: (.*)$/m.exec(block)?.[1];
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (event && data) each(event, JSON.parse(data));
    }
  }
}

function what(record) {
  if (record.RecordType === "http") return [h("span.method", {}, record.HTTPMethod ?? ""), record.URL ?? ""];
  const name = record.SNI ?? record.ResolvedFQDN ?? record.DestinationIP ?? "";
  return [h("span.method", {}, record.DetectedProtocol ?? record.TransportProtocol ?? "connection"), name + (record.DestinationPort ? `:${record.DestinationPort}` : "")];
}

function row(record) {
  const show = () => drawer(record);
  const cell = (name, ...children) => h("td", { "data-name": name }, ...children);
  return h("tr", { tabindex: "0", onclick: show, onkeydown: (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); show(); } } },
    h("td.time", {}, clock(record.Datetime)),
    cell("action", pill(record.Action)),
    cell("status", record.HTTPStatusCode ?? ""),
    h("td.what", { title: record.URL ?? "" }, what(record)),
    cell("client", record.SourceIP ?? ""),
    cell("rule", record.PolicyName ?? record.PolicyID ?? ""),
    h("td.num", { "data-name": "ms" }, record.TotalMs ?? ""));
}

async function showById(id) {
  try {
    const { records } = await call(`records/${encodeURIComponent(id)}`);
    drawer(records[0]);
  } catch (error) {
    toast(error.message, "bad");
  }
}

/// A record as a decision with its trail, its main facts, and all of it.
function drawer(record) {
  const place = byId("drawer");
  const rest = Object.entries(record).filter(([name]) => name !== "DecisionTrail");
  const trail = record.DecisionTrail ?? [];
  const link = record.RecordType === "http" && record.URL
    ? h("a.button", { href: `#/why/${encodeURIComponent(JSON.stringify({ method: record.HTTPMethod, url: record.URL, source_ip: record.SourceIP }))}`, onclick: () => place.close() }, "Ask why")
    : null;
  place.replaceChildren(
    h("header", {}, h("h2", { id: "drawer-title" }, pill(record.Action), " ", ...what(record)),
      h("button.close", { type: "button", "aria-label": "Close", onclick: () => place.close() }, "×")),
    h("h3", {}, "Decision trail"),
    trail.length ? h("ol.trail", {}, trail.map(step)) : h("p.faint", {}, "No rule matched; the default applied."),
    link,
    h("h3", {}, "Record"),
    h("dl.facts", {}, rest.map(([name, value]) => [h("dt", {}, name), h("dd", {}, shown(value))])));
  place.onclick = (event) => { if (event.target === place) place.close(); };
  place.showModal();
}

export function step(one) {
  const mode = one.Mode ?? one.mode;
  return h(`li${mode === "log" ? ".counted" : ""}`, {},
    h("div", {}, pill(one.Action ?? one.action), " ", h("a", { href: `#/rules/${encodeURIComponent(one.RuleID ?? one.PolicyID ?? one.id ?? "")}`, onclick: () => byId("drawer").close() }, one.RuleName ?? one.PolicyName ?? one.name ?? one.RuleID ?? one.id),
      h("span.faint", {}, ` ${one.Tier ?? one.tier} tier, known at ${(one.Phase ?? one.phase).replaceAll("_", " ")}${mode === "log" ? ", counted only" : ""}`)),
    h("code.block", {}, one.Predicate ?? one.predicate));
}

function shown(value) {
  if (Array.isArray(value)) return value.every((one) => typeof one !== "object") ? value.join(", ") : h("code.block", {}, JSON.stringify(value, null, 1));
  return typeof value === "object" ? h("code.block", {}, JSON.stringify(value, null, 1)) : String(value);
}

