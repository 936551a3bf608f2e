// The frame: which view is shown, the token, the state of health.

import { ago, byId, bytes, call, count, h, onRefused, setToken, takeToken, trouble } from "./api.js";
import { bars, chart } from "./charts.js";
import { live } from "./live.js";
import { rules } from "./rules.js";
import { why } from "./why.js";
import { policy } from "./editor.js";

const views = { overview, live, rules, why, policy };
let leave = null;

function show() {
  const [, name = "overview", rest = ""] = /^#\/(\w+)\/?(.*)$/.exec(location.hash) ?? [];
  const view = views[name] ?? overview;
  leave?.();
  for (const link of byId("nav").children) {
    const current = link.getAttribute("href") === `#/${name}`;
    if (current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const main = byId("main");
  main.className = `view-${name}`;
  main.replaceChildren();
  document.title = `${name[0].toUpperCase()}${name.slice(1)} · Gateway`;
  leave = view(main, decodeURIComponent(rest)) ?? null;
}

let asking = null;
function login() {
  asking ??= new Promise((done) => {
    const dialog = byId("login");
    byId("login-error").textContent = sessionStorage.getItem("token") ? "That token is not the right one." : "";
    byId("login-form").onsubmit = () => {
      setToken(byId("token").value);
      byId("token").value = "";
      asking = null;
      done();
    };
    dialog.oncancel = (event) => event.preventDefault();
    dialog.showModal();
  });
  return asking;
}

function overview(main) {
  const tiles = h("div.tiles");
  const traffic = h("section.card.wide", {}, h("h2", {}, "Requests per minute"), h("p.faint", {}, "…"));
  const hosts = h("section.card", {}, h("h2", {}, "Hosts, last hour"));
  const top = h("section.card", {}, h("h2", {}, "Rules that decided, last hour"));
  const sinks = h("section.card.wide", {}, h("h2", {}, "Sinks of records"));
  const loads = h("section.card.wide", {}, h("h2", {}, "In force"));
  main.append(h("h1.hidden", {}, "Overview"), tiles, h("div.grid", {}, traffic, hosts, top, sinks, loads));
  const fill = async () => {
    const [status, series] = await Promise.all([health(), call("stats?minutes=60&by=action&kind=http").catch((error) => error)]);
    if (!status) return;
    fillTiles(tiles, status, series);
    fillStatus(sinks, loads, status);
    if (series instanceof Error) {
      traffic.replaceChildren(traffic.firstChild, trouble(series));
      return;
    }
    traffic.replaceChildren(traffic.firstChild, chart(series, Math.max(280, traffic.clientWidth - 36)));
    const [byHost, byRule] = await Promise.all(["host", "policy"].map((by) => call(`stats/top?by=${by}&kind=http&limit=9`)));
    hosts.replaceChildren(hosts.firstChild, bars(byHost.top.filter((one) => one.value), "no requests yet"));
    const decided = byRule.top.filter((one) => one.value);
    top.replaceChildren(top.firstChild, bars(decided, "no rule decided anything", (one) => `#/rules/${encodeURIComponent(one.value)}`));
  };
  const tick = () => fill().catch((error) => tiles.replaceChildren(trouble(error)));
  tick();
  const timer = setInterval(tick, 5000);
  return () => clearInterval(timer);
}

function fillTiles(tiles, status, series) {
  const sum = (what) => (series.lines ?? []).reduce((all, line) => all + line.total[what], 0);
  const [requests, blocked] = [sum("records"), sum("blocked")];
  const share = requests ? ` ${((100 * blocked) / requests).toFixed(1)} %` : "";
  const lost = status.sinks.reduce((all, sink) => all + sink.dropped, 0);
  const tile = (name, value, more, kind = "") => h(`div.tile${kind}`, {}, h("span.faint", {}, name), h("b", {}, value), h("span.faint", {}, more));
  tiles.replaceChildren(
    tile("Requests", count(requests), "last hour"),
    tile("Blocked", count(blocked), `last hour${share && `,${share}`}`, blocked ? ".warm" : ""),
    tile("To clients", bytes(sum("bytes_down")), `${bytes(sum("bytes_up"))} from them`),
    tile("Records lost", count(lost), "since the start", lost ? ".hot" : ""),
  );
}

function fillStatus(sinks, loads, status) {
  const row = (sink) => h("tr", {},
    h("th", { scope: "row" }, sink.sink),
    ...["written", "queued", "spooled", "retries", "dropped"].map((key) => h(`td.num${key === "dropped" && sink[key] ? ".bad" : ""}`, {}, count(sink[key]))),
    h("td", {}, sink.error ? h("span.bad", {}, sink.error) : h("span.good", {}, "well")));
  sinks.replaceChildren(sinks.firstChild, h("div.scroll", {}, h("table", {},
    h("thead", {}, h("tr", {}, ["Sink", "Written", "Queued", "Spooled", "Retries", "Lost", "State"].map((name, at) => h(at && at < 6 ? "th.num" : "th", { scope: "col" }, name)))),
    h("tbody", {}, status.sinks.map(row)))));
  const { last, succeeded, failed } = status.reloads;
  const fact = (name, ...value) => [h("dt", {}, name), h("dd", {}, ...value)];
  loads.replaceChildren(loads.firstChild, h("dl.facts", {},
    fact("Generation", `${status.generation}, since ${ago(status.since_unix_s)}`),
    fact("Clients come to", status.listeners.join(", ") || "nowhere"),
    fact("Reloads", `${succeeded} done, ${failed} refused${last ? `; the last by ${last.cause}, ${ago(last.at_unix_s)}` : ""}`),
    status.superseded > 0 && fact("Older generations", `${status.superseded} still have connections`),
    status.needs_restart.length > 0 && fact("Wait for a restart", status.needs_restart.join(", ")),
    fact("Program", `${status.version}, started ${ago(Date.now() / 1000 - status.uptime_s)}`)),
    last?.faults.map((fault) => h("pre.fault", {}, `${[fault.file, fault.line, fault.column].filter(Boolean).join(":")} ${fault.message}`)),
    status.warnings.map((warning) => h("pre.fault.mild", {}, warning)));
}

async function health() {
  const place = byId("health");
  try {
    const status = await call("status");
    const ill = status.sinks.some((sink) => sink.error || sink.dropped) || status.reloads.last?.faults.length > 0;
    place.className = `health ${ill ? "ill" : "well"}`;
    place.lastChild.textContent = ill ? "look here" : "all well";
    byId("generation").textContent = `generation ${status.generation}`;
    return status;
  } catch (error) {
    place.className = "health gone";
    place.lastChild.textContent = "no answer";
    return null;
  }
}

async function begin() {
  takeToken();
  onRefused(login);
  const door = await fetch("/door.json").then((response) => response.json());
  if (door.needs_token && !sessionStorage.getItem("token")) await login();
  addEventListener("hashchange", show);
  show();
  health();
  setInterval(health, 15000);
}

begin().catch((error) => byId("main").replaceChildren(trouble(error)));

