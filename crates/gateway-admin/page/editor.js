// The policy as text: checked while it is written, applied, taken back.

import { ago, call, h, toast, trouble } from "./api.js";

export function policy(main) {
  const state = { files: {}, saved: {}, etag: "", name: "rules.toml", found: [], checking: 0 };
  const tabs = h("div.tabs", { role: "tablist", "aria-label": "Files" });
  const gutter = h("pre.gutter", { "aria-hidden": "true" });
  const behind = h("pre.behind", { "aria-hidden": "true" });
  const text = h("textarea.text", { id: "editor", spellcheck: "false", autocapitalize: "off", wrap: "off", "aria-label": "Text of the policy", "aria-describedby": "diagnostics" });
  const told = h("ul.diagnostics", { id: "diagnostics", role: "status" });
  const reason = h("input", { id: "reason", placeholder: "What is this change for?", "aria-label": "Reason", maxlength: "200" });
  const apply = h("button.primary", { type: "button", id: "apply", disabled: true, onclick: () => put() }, "Apply");
  const undo = h("button", { type: "button", disabled: true, onclick: () => { state.files = { ...state.saved }; fill(); check(); } }, "Discard");
  const versions = h("ol.versions");
  main.append(
    h("div.bar", {}, h("h1", {}, "Policy"), h("p.faint.grow", {}, "Checked as you write. Applied as a whole, or not at all.")),
    h("div.columns", {},
      h("section.card.editing", {}, tabs, h("div.editor", {}, gutter, h("div.page", {}, behind, text)), told, h("div.line", {}, reason, undo, apply)),
      h("section.card", {}, h("h2", {}, "Versions"), versions)));

  const changed = () => Object.keys(state.files).filter((name) => state.files[name] !== state.saved[name]);
  const fill = () => {
    text.value = state.files[state.name] ?? "";
    tabs.replaceChildren(...Object.keys(state.files).sort().reverse().map((name) => h("button", { type: "button", role: "tab", "aria-selected": String(name === state.name), onclick: () => { state.name = name; fill(); } }, name, state.files[name] !== state.saved[name] ? " •" : "")));
    draw();
  };
  const draw = () => {
    const here = state.found.filter((one) => (one.file ?? state.name) === state.name && one.line);
    const at = new Map(here.map((one) => [one.line, one]));
    const lines = text.value.split("\n");
    gutter.replaceChildren(...lines.map((_, index) => h(`span${at.has(index + 1) ? `.${at.get(index + 1).severity}` : ""}`, {}, `${index + 1}\n`)));
    behind.replaceChildren(...lines.flatMap((line, index) => {
      const one = at.get(index + 1);
      if (!one) return [`${line}\n`];
      const column = Math.max(0, (one.column ?? 1) - 1);
      const word = /^[\w.]+|^./.exec(line.slice(column))?.[0] ?? "";
      return [line.slice(0, column), h(`mark.${one.severity}`, {}, word || " "), line.slice(column + word.length), h(`span.bubble.${one.severity}`, {}, headline(one)), "\n"];
    }));
    scroll();
    const some = changed().length > 0;
    undo.disabled = !some;
    apply.disabled = !some || state.found.some((one) => one.severity === "error");
  };
  const scroll = () => {
    behind.style.transform = `translate(${-text.scrollLeft}px, ${-text.scrollTop}px)`;
    gutter.style.transform = `translateY(${-text.scrollTop}px)`;
  };
  const tell = (found) => {
    state.found = found;
    const jump = (one) => () => {
      if (one.file && state.files[one.file] !== undefined) state.name = one.file;
      fill();
      const before = text.value.split("\n").slice(0, (one.line ?? 1) - 1).join("\n").length;
      const place = before + (one.line > 1 ? 1 : 0) + (one.column ?? 1) - 1;
      text.focus();
      text.setSelectionRange(place, place);
      text.scrollTop = Math.max(0, ((one.line ?? 1) - 6) * 20);
    };
    told.replaceChildren(...(found.length ? found.map((one) => h(`li.${one.severity}`, {}, h("button.place", { type: "button", onclick: jump(one) }, [one.file, one.line, one.column].filter(Boolean).join(":") || one.severity), h("pre", {}, one.message))) : [h("li.good", {}, changed().length ? "Nothing is wrong: it can be applied." : "This is what is in force.")]));
    draw();
  };
  const check = async () => {
    const mine = ++state.checking;
    if (!changed().length) return tell([]);
    try {
      const { diagnostics } = await call("validate", { json: { files: state.files } });
      if (mine === state.checking) tell(diagnostics);
    } catch (error) {
      if (mine === state.checking) tell([{ severity: "error", message: error.message }]);
    }
  };
  let waiting = 0;
  text.addEventListener("input", () => {
    state.files[state.name] = text.value;
    state.checking += 1;
    for (const tab of tabs.children) if (tab.textContent.replace(" •", "") === state.name) tab.textContent = state.name + (text.value !== state.saved[state.name] ? " •" : "");
    draw();
    apply.disabled = true;
    clearTimeout(waiting);
    waiting = setTimeout(check, 400);
  });
  text.addEventListener("scroll", scroll);
  text.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && !apply.disabled) put();
  });
  const put = async () => {
    const files = Object.fromEntries(changed().map((name) => [name, state.files[name]]));
    apply.disabled = true;
    try {
      const done = await call("apply", { json: { files, why: reason.value }, headers: { "If-Match": state.etag } });
      reason.value = "";
      toast(`Version ${done.version} is in force as generation ${done.generation}`);
      await load();
    } catch (error) {
      toast(error.message, "bad");
      tell(error.diagnostics?.length ? error.diagnostics : [{ severity: "error", message: error.message }]);
    }
  };
  const load = async () => {
    const [now, list] = await Promise.all([call("policy"), call("versions")]);
    state.files = { ...now.files };
    state.saved = { ...now.files };
    state.etag = now.etag;
    fill();
    tell([]);
    versions.replaceChildren(...list.versions.map((one, index) => entry(one, index === 0, load, show)));
    if (!list.versions.length) versions.replaceChildren(h("li.faint", {}, "None yet: the first change keeps what it replaces, too."));
  };
  const show = async (number) => {
    const { files } = await call(`versions/${number}`);
    state.files = { ...files };
    fill();
    await check();
    toast(`The text of version ${number}, not applied`);
  };
  load().catch((error) => main.append(trouble(error)));
  return () => clearTimeout(waiting);
}

function headline(one) {
  const [first] = one.message.split("\n");
  const help = /help: (.*)/.exec(one.message)?.[1];
  return `${first.replace(/^rule `[^`]*`: /, "").replace(/^(error|warning)\[[^\]]*\]: /, "")}${help && !first.includes("did you mean") ? ` — ${help}` : ""}`;
}

const ways = { found: "found in the folder", applied: "applied", edited: "rule changed", rolled_back: "taken back" };

function entry(one, isLast, load, show) {
  const back = async () => {
    try {
      const done = await call("rollback", { json: { version: one.version } });
      toast(`Version ${one.version} is in force again, as version ${done.version}`);
      await load();
    } catch (error) {
      toast(error.message, "bad");
    }
  };
  return h("li", {},
    h("div", {}, h("b", {}, `${one.version}`), " ", h("span", {}, one.why || ways[one.way])),
    h("div.faint", {}, `${ways[one.way]} by ${one.by}, ${ago(one.at_unix_s)}`),
    h("div.actions", {}, h("button", { type: "button", onclick: () => show(one.version).catch((error) => toast(error.message, "bad")) }, "Show"),
      !isLast && h("button", { type: "button", onclick: back, "aria-label": `Roll back to version ${one.version}` }, "Roll back")));
}

