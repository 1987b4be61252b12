// The sections above the questions. Each takes the dataset and the runs that are switched on.

const section = (title, told, ...rest) => h("section", {}, h("h2", {}, title), told && h("p", {}, told), rest);

function measuresSection(data, runs) {
  const cards = data.measures.map((measure) => {
    const own = runs.filter((one) => measure.name in one.measures).map((one) => ({ index: one.index, name: one.name, value: one.measures[measure.name], interval: one.intervals[measure.name] }));
    if (!own.length) return null;
    const best = Math[measure.less ? "min" : "max"](...own.map((one) => one.value));
    if (own.length > 1) own.forEach((one) => { one.best = one.value === best; });
    const [first] = own;
    return h("article", { class: "card" }, h("h3", {}, measure.title), h("p", {}, measure.told, " ", h("code", {}, measure.name)),
      own.length === 1 && h("p", { class: "big" }, fixed(first.value), first.interval && h("small", {}, `${fixed(first.interval[0])} – ${fixed(first.interval[1])}`)),
      whiskers(measure, own));
  });
  return section("What was measured", "Each dot is a mean over questions, the bar behind it the interval that holds it in 95 of 100 samples of questions.", h("div", { class: "cards" }, cards),
    figures(["Run", ...data.measures.map((one) => one.name), "ms"], runs.map((one) => [one.name, ...data.measures.map((m) => (m.name in one.measures ? fixed(one.measures[m.name]) : "–")), one.latency ? one.latency.median.toFixed(1) : "–"]), "All of it as a table"));
}

function differencesSection(data) {
  if (data.runs.length < 2) return null;
  const out = h("div", {});
  const which = h("select", { onchange: show }, data.runs.slice(1).map((one) => h("option", { value: one.index }, one.name)));
  const measure = h("select", { onchange: show }, data.measures.map((one) => h("option", { value: one.name }, one.title)));
  function show() {
    const run = data.runs[which.value], name = measure.value, first = data.runs[0];
    const told = data.measures.find((one) => one.name === name);
    const compared = (data.comparisons[run.index - 1] || []).find((one) => one.measure === name);
    const ours = run.values[name] || {}, theirs = first.values[name] || {};
    const each = data.questions.filter((q) => q.id in ours && q.id in theirs).map((q) => ({ q, d: ours[q.id] - theirs[q.id] }));
    if (!compared || !each.length) return out.replaceChildren(h("p", { class: "none" }, "This measure has no value for each question in both runs."));
    each.sort((a, b) => b.d - a.d);
    const good = (d) => (told.less ? d < 0 : d > 0);
    const won = each.filter((one) => good(one.d)), lost = each.filter((one) => one.d && !good(one.d)).reverse();
    const sum = `${run.name} against ${first.name}: ${signed(compared.difference)} (${signed(compared.low)} to ${signed(compared.high)}), p ${compared.p.toFixed(3)}${compared.significant ? ", more than chance" : ", may be chance"}. ${many(won.length, "question", "questions")} better, ${lost.length} worse, ${each.length - won.length - lost.length} alike.`;
    out.replaceChildren(h("p", {}, sum), bars(told, each, sum, good), listed("Better", won), listed("Worse", lost));
  }
  show();
  return section("Question by question, against the first run", null, h("div", { class: "card" },
    h("div", { class: "tools" }, h("label", {}, "Run", which), h("label", { class: "wide" }, "Measure", measure)), out));
}

function bars(measure, each, told, good) {
  return chart(`${measure.title}: difference of each question`, told, (width) => {
    const height = 190, left = 40, most = Math.max(0.01, ...each.map((one) => Math.abs(one.d)));
    const y = (d) => height / 2 - (d / most) * (height / 2 - 14), step = (width - left) / each.length;
    const parts = [most, 0, -most].map((at) => [line(left, y(at), width, y(at), { class: at ? "grid" : "axis" }), text(left - 6, y(at) + 4, at ? signed(at).replace("0.", ".").slice(0, 4) : "0", { "text-anchor": "end" })]);
    each.forEach((one, i) => {
      if (!one.d) return;
      const wide = Math.max(1, step - (step > 4 ? 1 : 0));
      parts.push(rect(left + i * step, Math.min(y(0), y(one.d)), wide, Math.abs(y(one.d) - y(0)), { fill: good(one.d) ? "var(--good)" : "var(--bad)" }, s("title", {}, `${one.q.text}: ${signed(one.d)}`)));
    });
    return { height, parts };
  });
}

function listed(title, each) {
  if (!each.length) return null;
  return h("details", { class: "data" }, h("summary", {}, `${title}: ${many(each.length, "question", "questions")}`),
    h("ul", { class: "links" }, each.slice(0, 300).map((one) => h("li", {}, h("a", { href: questionHash(one.q.id) }, one.q.text), ` ${signed(one.d)}`))));
}

const places = [...Array(10).keys()].map((i) => String(i + 1)).concat(["11–100", "not found"]);

function ranksSection(data, runs) {
  const own = runs.filter((one) => one.ranks.some(Boolean));
  if (!own.length) return null;
  const share = (one) => { const sum = one.ranks.reduce((a, b) => a + b, 0); return one.ranks.map((n) => n / sum); };
  const told = own.map((one) => `${one.name}: ${one.ranks[0]} at rank 1, ${one.ranks.slice(1, 10).reduce((a, b) => a + b, 0)} at 2 to 10, ${one.ranks[10]} below, ${one.ranks[11]} not found`).join("; ");
  const drawn = chart("Where in the ranking the right article stood", told, (width) => {
    const most = Math.min(1, Math.ceil(10 * Math.max(...own.map((one) => Math.max(...share(one))))) / 10), height = 260, narrow = width < 520;
    const f = frame(width, height, most), slot = (width - f.left - f.right) / places.length, wide = Math.min(30, (slot * 0.8) / own.length);
    const parts = [...f.parts];
    places.forEach((place, i) => {
      const middle = f.left + (i + 0.5) * slot;
      const label = narrow && i > 9 ? ["11+", "–"][i - 10] : place;
      parts.push(text(middle, height - 24, label, { "text-anchor": "middle", ...(narrow ? { style: "font-size:10.5px" } : {}) }));
      own.forEach((one, j) => {
        const v = share(one)[i], x = middle + (j - own.length / 2) * wide;
        parts.push(rect(x, f.y(v), wide - 1, f.y(0) - f.y(v), { fill: colour(one.index), rx: 2 }, s("title", {}, `${one.name}, ${place}: ${one.ranks[i]}`)));
        if (own.length === 1 && one.ranks[i]) parts.push(text(middle, f.y(v) - 4, one.ranks[i], { "text-anchor": "middle" }));
      });
    });
    parts.push(text(f.left + (width - f.left) / 2, height - 4, narrow ? "rank of the right article (–: not found)" : "rank of the right article", { "text-anchor": "middle" }));
    return { height, parts };
  });
  return section("Where the right article stood", "Of the answerable questions: at which place of the ranking the first of their right articles was.",
    h("div", { class: "card" }, drawn, figures(["Run", ...places], own.map((one) => [one.name, ...one.ranks]))));
}

function verdictSection(data, runs) {
  const own = runs.filter((one) => one.coverage);
  if (!own.length) return null;
  return section("Whether the verdict can be trusted", "How probable it is that the sentence answers. From the threshold “answered” up it is shown as the answer, below as the closest; where nothing is about the question, as nothing.",
    h("div", { class: "two" }, coverageCard(own), calibrationCard(own, data.questions.some((q) => q.unanswerable && !q.offTopic))));
}

function coverageCard(own) {
  const marks = own.flatMap((one) => one.coverage.thresholds.map((t) => ({ ...t, run: one })));
  const told = marks.map((t) => `${t.run.name}, answer.${t.name} ${t.at}: answers ${percent(t.coverage)}, ${t.accuracy === null ? "nothing" : percent(t.accuracy)} of them from a right article`).join("; ");
  const path = (f, points) => points.map(([, c, a], i) => `${i ? "L" : "M"}${f.x(c).toFixed(1)} ${f.y(a).toFixed(1)}`).join("");
  const drawn = chart("Accuracy against coverage", told, (width) => {
    const height = 300, f = frame(width, height, 1), parts = [...f.parts];
    for (const at of [0, 0.25, 0.5, 0.75, 1]) parts.push(text(f.x(at), height - 24, percent(at), { "text-anchor": at === 1 ? "end" : "middle" }));
    parts.push(text(f.x(0.5), height - 4, "share of all questions that get an answer", { "text-anchor": "middle" }));
    own.forEach((one) => {
      parts.push(s("path", { d: path(f, one.coverage.article), fill: "none", stroke: colour(one.index), "stroke-width": 2.5, "stroke-linejoin": "round" }));
      if (one.coverage.sentence.length) parts.push(s("path", { d: path(f, one.coverage.sentence), fill: "none", stroke: colour(one.index), "stroke-width": 2, "stroke-dasharray": "3 3" }));
    });
    marks.filter((t) => t.accuracy !== null).forEach((t) => {
      const x = f.x(t.coverage), y = f.y(t.accuracy);
      parts.push(line(x, f.y(0), x, y, { stroke: colour(t.run.index), "stroke-dasharray": "1 3" }), s("circle", { cx: x, cy: y, r: 5, fill: "var(--card)", stroke: colour(t.run.index), "stroke-width": 2.5 }));
      if (own.length === 1) parts.push(text(x + (t.coverage > 0.5 ? -8 : 8), f.y(0) - (t.name === "weak" ? 8 : 26), `${t.name} ${t.at}`, { class: "strong", "text-anchor": t.coverage > 0.5 ? "end" : "start" }));
    });
    return { height, parts };
  });
  return h("article", { class: "card" }, h("h3", {}, "How right it is, the more it answers"),
    h("p", {}, "Solid: the first passage is from a right article. Dotted: the sentence is right. Rings: the threshold as it is set."), drawn,
    figures(["Run", "threshold", "answers", "right article"], marks.map((t) => [t.run.name, `${t.name} ${t.at}`, percent(t.coverage, 1), t.accuracy === null ? "–" : percent(t.accuracy, 1)])));
}

function calibrationCard(own, without) {
  // Where every question has an answer, that share says nothing: the first passage has to do.
  const by = without ? "answerable" : "right";
  const words = without ? "the share that the collection has an answer to" : "the share whose first passage is from a right article, since every question here has an answer";
  const told = own.map((one) => `${one.name}: ${one.calibration.map((b) => `${b.probability.toFixed(2)} said, ${b[by].toFixed(2)} came true, ${b.count} questions`).join("; ")}`).join(". ");
  const drawn = chart("Calibration of the probability", told, (width) => {
    const height = 300, f = frame(width, height, 1), parts = [...f.parts];
    const most = Math.max(...own.flatMap((one) => one.calibration.map((b) => b.count)));
    for (const at of [0, 0.25, 0.5, 0.75, 1]) parts.push(text(f.x(at), height - 24, at.toFixed(2), { "text-anchor": at === 1 ? "end" : "middle" }));
    parts.push(text(f.x(0.5), height - 4, "probability that was said", { "text-anchor": "middle" }), line(f.x(0), f.y(0), f.x(1), f.y(1), { class: "axis", "stroke-dasharray": "4 4" }));
    own.forEach((one) => {
      parts.push(s("path", { d: one.calibration.map((b, i) => `${i ? "L" : "M"}${f.x(b.probability)} ${f.y(b[by])}`).join(""), fill: "none", stroke: colour(one.index), "stroke-width": 1.5 }));
      one.calibration.forEach((b) => {
        parts.push(s("circle", { cx: f.x(b.probability), cy: f.y(b[by]), r: 3 + 9 * Math.sqrt(b.count / most), fill: colour(one.index), "fill-opacity": 0.55, stroke: colour(one.index) }, s("title", {}, `${b.count} questions: said ${b.probability.toFixed(2)}, true of ${percent(b[by])}`)));
        if (own.length === 1) parts.push(text(f.x(b.probability), f.y(b[by]) + (b[by] > 0.5 ? 26 : -16), b.count, { "text-anchor": "middle" }));
      });
    });
    return { height, parts };
  });
  return h("article", { class: "card" }, h("h3", {}, "Whether its probability means what it says"),
    h("p", {}, `Ten bins of questions by probability; up the side, ${words}. On the diagonal it is right about itself. Larger dots hold more questions.`), drawn,
    figures(["Run", "said", "has an answer", "right article first", "questions"], own.flatMap((one) => one.calibration.map((b) => [one.name, b.probability.toFixed(2), percent(b.answerable), percent(b.right), b.count]))));
}

function latencySection(data, runs) {
  const own = runs.filter((one) => one.latency);
  if (!own.length) return null;
  const told = own.map((one) => `${one.name}: median ${milliseconds(one.latency.median)}, 95 of 100 within ${milliseconds(one.latency.p95)}`).join("; ");
  const drawn = chart("How long an answer took", told, (width) => {
    const row = 78, left = 8, right = 8, bins = Math.max(16, Math.min(60, Math.floor(width / 12))), most = 1.25 * Math.max(...own.map((one) => one.latency.p95));
    const x = (ms) => left + (Math.min(ms, most) / most) * (width - left - right), parts = [], bottom = own.length * row;
    own.forEach((one, i) => {
      const counts = Array(bins).fill(0), base = (i + 1) * row - 4;
      data.questions.forEach((q) => { counts[Math.min(bins - 1, Math.floor((q.outcomes[one.index].ms / most) * bins))]++; });
      const top = Math.max(...counts), wide = (width - left - right) / bins;
      counts.forEach((n, b) => { if (n) parts.push(rect(left + b * wide, base - (n / top) * (row - 34), wide - 1, (n / top) * (row - 34), { fill: colour(one.index), opacity: 0.75, rx: 1 })); });
      parts.push(line(left, base, width - right, base, { class: "axis" }), text(left, i * row + 12, cut(one.name, Math.floor(width / 14)), { class: "strong" }),
        text(width - right, i * row + 12, `median ${milliseconds(one.latency.median)}, p95 ${milliseconds(one.latency.p95)}`, { "text-anchor": "end" }));
      for (const at of [one.latency.median, one.latency.p95]) parts.push(line(x(at), base - row + 30, x(at), base, { stroke: "var(--ink)", "stroke-width": 1.5, "stroke-dasharray": at === one.latency.median ? "" : "3 3" }));
    });
    parts.push(text(left, bottom + 14, "0"), text(width - right, bottom + 14, `${milliseconds(most)} and more`, { "text-anchor": "end" }));
    return { height: bottom + 20, parts };
  });
  return section("How long an answer took", "Time of one question through the whole pipeline. The solid line is the median, the dashed one what 95 of 100 stay within.",
    h("div", { class: "card" }, drawn, figures(["Run", "median", "p95", "longest"], own.map((one) => [one.name, ...["median", "p95", "most"].map((k) => milliseconds(one.latency[k]))]))));
}

function kindsSection(data, runs) {
  const able = data.measures.filter((m) => data.kinds.some((k) => k.runs.some((r) => m.name in r)));
  if (!able.length) return null;
  const out = h("div", {});
  const measure = h("select", { onchange: show }, able.map((one) => h("option", { value: one.name }, one.title)));
  function show() {
    const rows = data.kinds.map((kind) => [kind.kind || "(no kind)", kind.count,
      ...runs.map((run) => { const found = kind.runs[run.index][measure.value]; return found ? h("div", {}, fixed(found[0]), h("span", { class: "bar", "aria-hidden": "true" }, h("i", { style: `width:${100 * found[0]}%;background:${colour(run.index)}` }))) : "–"; })]);
    out.replaceChildren(table(["Kind", "questions", ...runs.map((one) => one.name)], rows));
  }
  show();
  return section("By kind of question", "Few questions of a kind say little: read the count first.", h("div", { class: "card" },
    h("div", { class: "tools" }, h("label", { class: "wide" }, "Measure", measure)), out));
}
