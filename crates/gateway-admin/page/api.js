// Calls of the API, and small means to build the page. Text is only ever set as text.

let token = sessionStorage.getItem("token") ?? "";
let ask = null;

/// Takes the token out of the address, where a person put it.
export function takeToken() {
  const given = /^#token=([^&]+)$/.exec(location.hash);
  if (!given) return;
  setToken(decodeURIComponent(given[1]));
  history.replaceState(null, "", "#/overview");
}

export function setToken(text) {
  token = text.trim();
  sessionStorage.setItem("token", token);
}

/// What to do where the token is missing or wrong: gives a promise of a next try.
export function onRefused(handler) { ask = handler; }

export class Refused extends Error {
  constructor(problem, status) {
    super(problem.detail ?? `status ${status}`);
    this.status = status;
    this.diagnostics = problem.diagnostics ?? [];
  }
}

/// Calls the API and gives the response; errors are thrown with what they say.
export async function open(path, options = {}) {
  const headers = { ...options.headers };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (options.json !== undefined) {
    headers["Content-Type"] = "application/json";
    options = { ...options, method: options.method ?? "POST", body: JSON.stringify(options.json) };
  }
  const response = await fetch(`/api/v1/${path}`, { ...options, headers });
  if (response.status === 401 && ask) {
    await ask();
    return open(path, options);
  }
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}));
    throw new Refused(problem, response.status);
  }
  return response;
}

export async function call(path, options) {
  return (await open(path, options)).json();
}

/// An element: `h("a.cls", {href}, …children)`.
export function h(what, attributes, ...children) {
  const [tag, ...classes] = what.split(".");
  const element = document.createElement(tag || "div");
  element.classList.add(...classes);
  set(element, attributes, children);
  return element;
}

/// The same for drawings.
export function s(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  set(element, attributes, children);
  return element;
}

function set(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== false));
}

export const byId = (id) => document.getElementById(id);

export function pill(action) {
  return h(`span.pill.${action ? action.replace(/[^a-z]/g, "") : "none"}`, {}, action || "–");
}

export function count(number) {
  return new Intl.NumberFormat("en", { notation: number >= 1e5 ? "compact" : "standard", maximumFractionDigits: 1 }).format(number);
}

export function bytes(number) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let at = 0;
  while (number >= 1024 && at < units.length - 1) { number /= 1024; at += 1; }
  return `${number >= 10 || at === 0 ? Math.round(number) : number.toFixed(1)} ${units[at]}`;
}

export function clock(text) {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? "" : date.toLocaleTimeString("en-GB");
}

export function ago(unixS) {
  const seconds = Math.max(0, Math.round(Date.now() / 1000 - unixS));
  for (const [size, unit] of [[86400, "d"], [3600, "h"], [60, "min"]]) {
    if (seconds >= size) return `${Math.floor(seconds / size)} ${unit} ago`;
  }
  return `${seconds} s ago`;
}

let hiding = 0;
export function toast(text, kind = "") {
  const place = byId("toast");
  place.textContent = text;
  place.className = `shown ${kind}`;
  clearTimeout(hiding);
  hiding = setTimeout(() => { place.className = ""; }, 5000);
}

/// What to show where a view cannot be filled.
export function trouble(error) {
  return h("p.note.bad", { role: "alert" }, error.message);
}
