// Small drawing helpers. All text goes in as text nodes, never as markup.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat(3)) if (child !== null && child !== undefined && child !== false) node.append(child);
  return node;
}
const h = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
const s = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

const percent = (value, digits = 0) => `${(100 * value).toFixed(digits)} %`;
const fixed = (value) => value.toFixed(3);
const signed = (value) => (value > 0 ? "+" : value < 0 ? "−" : "±") + Math.abs(value).toFixed(3);
const many = (n, one, more) => `${n.toLocaleString("en")} ${n === 1 ? one : more}`;
const milliseconds = (ms) => (ms >= 1000 ? `${(ms / 1000).toFixed(2)} s` : `${ms.toFixed(ms < 10 ? 1 : 0)} ms`);
const colour = (index) => `var(--c${index % 8})`;
const cut = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

let numbered = 0;

// A drawing that fits the width it is given, and is drawn anew when that changes.
function chart(title, told, draw) {
  const box = h("div", { class: "chart" });
  let last = 0;
  const paint = () => {
    const width = Math.floor(box.clientWidth);
    if (!width || width === last) return;
    last = width;
    const { height, parts } = draw(width);
    const id = `chart${++numbered}`;
    box.replaceChildren(s("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-labelledby": `${id}t ${id}d` },
      s("title", { id: `${id}t` }, title), s("desc", { id: `${id}d` }, told), parts));
  };
  new ResizeObserver(() => requestAnimationFrame(paint)).observe(box);
  return box;
}

const line = (x1, y1, x2, y2, more) => s("line", { x1, y1, x2, y2, ...more });
const text = (x, y, words, more) => s("text", { x, y, ...more }, words);
const rect = (x, y, width, height, more, ...inside) => s("rect", { x, y, width: Math.max(0, width), height: Math.max(0, height), ...more }, inside);

// What every chart can also be read as.
function figures(head, rows, label = "The figures") {
  return h("details", { class: "data" }, h("summary", {}, label), table(head, rows));
}
function table(head, rows) {
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": head.join(", ") }, h("table", {},
    h("thead", {}, h("tr", {}, head.map((one) => h("th", { scope: "col" }, one)))),
    h("tbody", {}, rows.map(([first, ...rest]) => h("tr", {}, h("th", { scope: "row" }, first), rest.map((one) => h("td", {}, one)))))));
}

// A frame with shares up the side; returns the parts and both scales.
function frame(width, height, most, { left = 44, right = 12, top = 10, bottom = 42, steps = 4, tell = percent } = {}) {
  const x = (share) => left + share * (width - left - right);
  const y = (share) => top + (1 - share / most) * (height - top - bottom);
  const parts = [];
  for (let i = 0; i <= steps; i++) {
    const at = (most * i) / steps;
    parts.push(line(left, y(at), width - right, y(at), { class: i ? "grid" : "axis" }), text(left - 6, y(at) + 4, tell(at), { "text-anchor": "end" }));
  }
  return { x, y, parts, left, right, top, bottom };
}

// One measure: a track from 0 to 1, and for each run its value with the interval.
function whiskers(measure, runs) {
  const told = runs.map((one) => `${one.name}: ${fixed(one.value)}${one.interval ? `, ${fixed(one.interval[0])} to ${fixed(one.interval[1])}` : ""}`).join("; ");
  const several = runs.length > 1;
  return chart(measure.title, `Value and 95 % interval. ${told}.`, (width) => {
    const row = several ? 34 : 20, edge = 7, right = several ? 62 : edge;
    const x = (v) => edge + v * (width - edge - right);
    const parts = [];
    const bottom = runs.length * row;
    for (const at of [0, 0.25, 0.5, 0.75, 1]) parts.push(line(x(at), several ? 12 : 4, x(at), bottom, { class: "grid" }),
      text(x(at), bottom + 14, at === 0 ? "0" : at === 1 ? "1" : at === 0.5 ? ".5" : "", { "text-anchor": "middle" }));
    runs.forEach((one, i) => {
      const y = i * row + (several ? 23 : 12), paint = colour(one.index);
      if (several) parts.push(text(edge, i * row + 12, cut(one.name, Math.floor((width - right) / 7)), { "paint-order": "stroke", stroke: "var(--card)", "stroke-width": 4 }));
      if (one.interval) parts.push(line(x(one.interval[0]), y, x(one.interval[1]), y, { stroke: paint, "stroke-width": 5, "stroke-linecap": "round", opacity: 0.38 }));
      parts.push(s("circle", { cx: x(one.value), cy: y, r: 5.5, fill: paint }));
      if (several) parts.push(text(width, y + 4, fixed(one.value) + (one.best ? " ★" : ""), { class: one.best ? "strong" : "", "text-anchor": "end" }));
    });
    return { height: bottom + 18, parts };
  });
}
