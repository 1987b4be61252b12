// Puts the page together, and redraws it when a dataset or a run is switched.

const all = JSON.parse(document.getElementById("data").textContent);
all.datasets.forEach((data) => data.runs.forEach((run, index) => { run.index = index; run.name = run.name || run.mode; }));
// Someone else's run is a ranking only: it has no verdict to judge.
all.datasets.forEach((data) => data.questions.forEach((q) => q.outcomes.forEach((o, index) => { o.asked = data.runs[index].asked; })));

const main = document.getElementById("main");
let opened = null;

function headOf(data) {
  const able = data.questions.filter((q) => q.gold.length).length, without = data.questions.filter((q) => q.unanswerable && !q.offTopic).length, foreign = data.questions.filter((q) => q.offTopic).length;
  const fact = (n, words) => h("li", {}, h("b", {}, n.toLocaleString("en")), ` ${words}`);
  const switches = all.datasets.length > 1 && h("div", { class: "tools", role: "group", "aria-label": "Dataset" }, all.datasets.map((one) =>
    h("button", { type: "button", "aria-pressed": String(one === data), onclick: (event) => { show(one); [...document.querySelectorAll("#head button")][all.datasets.indexOf(one)].focus(); } }, one.name)));
  document.getElementById("head").replaceChildren(h("h1", {}, `How well ${data.name} was answered`),
    h("ul", { class: "facts" }, fact(data.questions.length, "questions"), fact(able, "answerable"), fact(without, "without an answer"), foreign > 0 && fact(foreign, "off-topic"), fact(data.runs.length, data.runs.length === 1 ? "run" : "runs"), h("li", {}, `measured ${all.made}`)), switches || "");
}

function settingsOf(data) {
  const keys = [...new Set(data.runs.flatMap((one) => Object.keys(one.settings)))].sort();
  return figures(["Setting", ...data.runs.map((one) => one.name)], keys.map((key) => [key, ...data.runs.map((one) => (key in one.differs ? h("b", {}, one.settings[key]) : one.settings[key] || "–"))]), "Settings of each run");
}

function show(data) {
  headOf(data);
  const on = new Set(data.runs.slice(0, 4).map((one) => one.index)), charts = h("div", {}), against = differencesSection(data);
  const draw = () => {
    const runs = data.runs.filter((one) => on.has(one.index));
    const rest = [ranksSection, verdictSection, latencySection, kindsSection].map((make) => make(data, runs));
    charts.replaceChildren(...[measuresSection(data, runs), against, ...rest].filter(Boolean));
  };
  const legend = data.runs.length > 1 && h("div", { class: "legend", role: "group", "aria-label": "Runs in the charts" }, data.runs.map((one) => {
    const button = h("button", { type: "button", "aria-pressed": String(on.has(one.index)), onclick: () => {
      if (on.size > 1 || !on.has(one.index)) { if (!on.delete(one.index)) on.add(one.index); }
      button.setAttribute("aria-pressed", String(on.has(one.index)));
      draw();
    } }, h("span", { class: "swatch", style: `background:${colour(one.index)}` }), one.name);
    return button;
  }));
  draw();
  const asked = questionsSection(data);
  opened = asked.open;
  main.replaceChildren(...[h("div", {}, legend, charts), settingsOf(data), asked.made].filter(Boolean));
  fromHash();
}

function fromHash() {
  if (location.hash.startsWith("#q=")) opened(decodeURIComponent(location.hash.slice(3)));
}

addEventListener("hashchange", fromHash);
show(all.datasets[0]);
