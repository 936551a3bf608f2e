// Charts as small drawings: stacked columns over time, and bars.

import { count, h, s } from "./api.js";

const kinds = [["blocked", "Blocked"], ["passed", "Passed"]];

/// What passed and what was blocked, a column for each point of `series`, so many pixels wide.
export function chart(series, width) {
  const points = Array.from({ length: series.points }, (_, at) => {
    const sum = (what) => series.lines.reduce((all, line) => all + line[what][at], 0);
    const blocked = sum("blocked");
    return { at, blocked, passed: sum("records") - blocked };
  });
  const [height, left, bottom] = [190, 34, 22];
  const top = nice(Math.max(1, ...points.map((point) => point.blocked + point.passed)));
  const x = (at) => left + (at * (width - left)) / points.length;
  const y = (value) => (height - bottom) * (1 - value / top) + 6;
  const step = Math.max(1, (width - left) / points.length - 1.5);
  const grid = [0, top / 2, top].map((value) => [
    s("line", { class: "gridline", x1: left, x2: width, y1: y(value), y2: y(value) }),
    s("text", { class: "axis", x: left - 6, y: y(value) + 4, "text-anchor": "end" }, count(value)),
  ]);
  const columns = points.flatMap((point) => {
    let base = 0;
    return kinds.map(([kind]) => {
      const value = point[kind];
      if (!value) return null;
      const from = y(base);
      base += value;
      return s("rect", { class: `column ${kind}`, x: x(point.at), width: step, y: y(base), height: Math.max(1, from - y(base)), rx: 1.5 });
    });
  });
  const every = Math.max(1, Math.round((points.length * 90) / width));
  const times = points.filter((point) => point.at % every === 0).map((point) =>
    s("text", { class: "axis", x: x(point.at), y: height + 2, "text-anchor": point.at ? "middle" : "start" }, time(series, point.at)));
  const reader = h("output.reading", {}, " ");
  const drawing = s("svg", { class: "chart", viewBox: `0 0 ${width} ${height + 8}`, role: "img", "aria-label": words(points) }, grid, columns, times);
  drawing.addEventListener("pointermove", (event) => {
    const box = drawing.getBoundingClientRect();
    const across = ((event.clientX - box.left) / box.width) * width - left;
    const point = points[Math.floor((across / (width - left)) * points.length)];
    reader.textContent = point ? `${time(series, point.at)}: ${point.passed} passed, ${point.blocked} blocked` : " ";
  });
  drawing.addEventListener("pointerleave", () => { reader.textContent = " "; });
  const legend = h("div.legend", {}, kinds.map(([kind, name]) => h("span", {}, h(`i.${kind}`), name)), reader);
  return h("div", {}, legend, drawing);
}

function words(points) {
  const sum = (what) => points.reduce((all, point) => all + point[what], 0);
  return `${sum("passed")} requests passed and ${sum("blocked")} were blocked`;
}

function time(series, at) {
  const minute = series.first_minute + at * series.step_minutes;
  return new Date(minute * 60000).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}

/// The next round number.
function nice(value) {
  const size = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 5, 10].map((factor) => factor * size).find((round) => round >= value && round >= 2) ?? 10 * size;
}

/// The greatest values, each with a bar.
export function bars(top, none, link = null) {
  if (!top.length) return h("p.faint", {}, none);
  const most = Math.max(...top.map((one) => one.records));
  return h("ol.bars", {}, top.map((one) => {
    const bar = s("svg", { class: "bar", viewBox: "0 0 100 4", preserveAspectRatio: "none", "aria-hidden": "true" },
      s("rect", { class: "passed", width: (100 * one.records) / most, height: 4 }),
      s("rect", { class: "blocked", width: (100 * one.blocked) / most, height: 4 }));
    const name = link ? h("a.name", { href: link(one) }, one.value) : h("span.name", { title: one.value }, one.value);
    return h("li", {}, name, h("span.num", {}, count(one.records)), bar);
  }));
}
