// The rules in force, in order, with how often each met something.

import { call, count, h, pill, s, toast, trouble } from "./api.js";

export function rules(main, asked) {
  const list = h("ol.rules");
  main.append(h("div.bar", {}, h("h1", {}, "Rules"), h("p.faint.grow", {}, "In order: in each tier the first that matches wins."), h("a.button", { href: "#/policy" }, "Edit the text")), list);
  let first = true;
  const fill = async () => {
    const { result } = await call("policies");
    const most = Math.max(1, ...result.map((rule) => rule.hits.enforced + rule.hits.logged));
    list.replaceChildren(...result.map((rule) => card(rule, most, fill)));
    if (!result.length) list.replaceChildren(h("p.empty.faint", {}, "No rule: everything passes."));
    const wanted = first && asked && document.getElementById(`rule-${asked}`);
    if (wanted) {
      wanted.scrollIntoView({ block: "center" });
      wanted.classList.add("marked");
      wanted.focus();
    }
    first = false;
  };
  const tick = () => {
    if (!list.contains(document.activeElement) || first) fill().catch((error) => list.replaceChildren(trouble(error)));
  };
  tick();
  const timer = setInterval(tick, 4000);
  return () => clearInterval(timer);
}

function card(rule, most, again) {
  const { enforced, logged } = rule.hits;
  const hits = enforced + logged;
  const bar = s("svg", { class: "bar", viewBox: "0 0 100 4", preserveAspectRatio: "none", "aria-hidden": "true" },
    s("rect", { class: ["block", "quarantine"].includes(rule.action) && !rule.log_only ? "blocked" : "passed", width: (100 * hits) / most, height: 4 }));
  const turn = async () => {
    const { hits: _, ...changed } = rule;
    try {
      await call(`policies/${encodeURIComponent(rule.id)}`, { method: "PUT", json: { ...changed, enabled: !rule.enabled } });
      toast(`${rule.name} is ${rule.enabled ? "off" : "on"}`);
      document.activeElement?.blur();
    } catch (error) {
      toast(error.message, "bad");
    }
    await again();
  };
  const to = rule.rule_settings?.redirect?.target_uri;
  return h(`li.card.rule${rule.enabled ? "" : ".off"}`, { id: `rule-${rule.id}`, tabindex: "-1" },
    h("div.head", {}, pill(rule.action), h("h2", {}, rule.name),
      h("span.faint", {}, rule.filters[0] === "l4" ? "connections" : "requests"),
      rule.log_only && h("span.tag", {}, "counts only"),
      !rule.enabled && h("span.tag", {}, "off"),
      h("span.hits", { title: `${enforced} carried out, ${logged} counted only` }, h("b", {}, count(hits)), ` ${hits === 1 ? "hit" : "hits"}`),
      h("button", { type: "button", role: "switch", "aria-checked": String(rule.enabled), "aria-label": `Rule ${rule.name}`, onclick: turn }, rule.enabled ? "On" : "Off")),
    rule.description && h("p", {}, rule.description),
    h("pre.filter", {}, rule.traffic.trim()),
    to && h("p.faint", {}, `leads to ${to}`),
    h("p.faint.id", {}, rule.id), bar);
}
