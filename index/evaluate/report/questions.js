// The list of questions: filters, and each one's details, drawn when it is opened.

const AT_ONCE = 100;
const first10 = (o) => o.rank !== null && o.rank <= 10;

const filters = [
  { name: "lost", title: (data, run) => `Lost by ${run.name}`, only: (data) => data.runs.length > 1,
    test: (q, o) => q.gold.length > 0 && q.outcomes.some((other) => (other.rank || Infinity) < (o.rank || Infinity)) },
  { name: "deep", title: () => "Gold not in the first ten", test: (q, o) => q.gold.length > 0 && !first10(o) },
  { name: "refused", title: () => "Wrongly refused", test: (q, o) => q.gold.length > 0 && !q.unanswerable && o.verdict === "none" && o.asked },
  { name: "answered", title: () => "Shown as the answer, and wrong", test: (q, o) => o.verdict === "answered" && (q.unanswerable || (q.told && !o.right)) },
  { name: "sentence", title: () => "Wrong sentence", test: (q, o) => q.told && !q.unanswerable && o.verdict !== "none" && !o.right },
  { name: "off-topic", title: () => "Off-topic, and not refused", only: (data) => data.questions.some((q) => q.offTopic), test: (q, o) => q.offTopic && o.verdict !== "none" },
];

const verdictWords = { answered: "shown as the answer", weak: "shown as the closest", none: "refused" };

const questionHash = (id) => `#q=${encodeURIComponent(id)}`;

function questionsSection(data) {
  const state = { run: 0, pressed: new Set(), words: "", most: AT_ONCE };
  const list = h("div", { id: "list" }), count = h("p", { role: "status", class: "lead", id: "count" });
  const buttons = h("div", { class: "tools", role: "group", "aria-label": "Show only" });
  const search = h("input", { type: "search", id: "words", placeholder: "words of a question or its id", autocomplete: "off", oninput: () => { state.words = search.value; state.most = AT_ONCE; update(); } });
  const which = h("select", { id: "of-run", onchange: () => { state.run = Number(which.value); state.most = AT_ONCE; head(); update(); } }, data.runs.map((one) => h("option", { value: one.index }, one.name)));
  function head() {
    const usable = filters.filter((one) => !one.only || one.only(data));
    const made = usable.map((one) => {
      const n = data.questions.filter((q) => one.test(q, q.outcomes[state.run])).length;
      const button = h("button", { type: "button", "data-filter": one.name, "aria-pressed": String(state.pressed.has(one.name)), onclick: () => {
        if (!state.pressed.delete(one.name)) state.pressed.add(one.name);
        button.setAttribute("aria-pressed", String(state.pressed.has(one.name)));
        state.most = AT_ONCE;
        update();
      } }, one.title(data, data.runs[state.run]), h("b", {}, n.toLocaleString("en")));
      return button;
    });
    buttons.replaceChildren(...made);
  }
  function chosen() {
    const words = state.words.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    const tests = filters.filter((one) => state.pressed.has(one.name));
    return data.questions.filter((q) => {
      const all = `${q.text} ${q.id}`.toLocaleLowerCase();
      return tests.every((one) => one.test(q, q.outcomes[state.run])) && words.every((word) => all.includes(word));
    });
  }
  function update() {
    const found = chosen();
    count.textContent = found.length === data.questions.length ? `All ${many(found.length, "question", "questions")}` : `${found.length.toLocaleString("en")} of ${many(data.questions.length, "question", "questions")}`;
    list.replaceChildren(...found.slice(0, state.most).map((q) => questionRow(data, q, state.run)));
    if (!found.length) list.append(h("p", { class: "none" }, "No question is like that. Good, or switch a filter off."));
    if (found.length > state.most) more(found);
  }
  function more(found) {
    const button = h("button", { type: "button", id: "more", onclick: () => {
      const from = state.most;
      state.most += 2 * AT_ONCE;
      button.remove();
      const rows = found.slice(from, state.most).map((q) => questionRow(data, q, state.run));
      list.append(...rows);
      rows[0].firstChild.focus();
      if (found.length > state.most) more(found);
    } }, `Show more of the ${many(found.length - state.most, "question", "questions")} left`);
    list.append(button);
  }
  function open(id) {
    const place = data.questions.findIndex((q) => q.id === id);
    if (place < 0) return;
    if (!chosen().slice(0, state.most).some((q) => q.id === id)) {
      state.pressed.clear();
      state.words = search.value = "";
      state.most = Math.max(state.most, place + 1);
      head();
      update();
    }
    const row = [...list.children].find((one) => one.dataset.id === id);
    row.open = true;
    row.scrollIntoView({ block: "start" });
    row.firstChild.focus({ preventScroll: true });
  }
  head();
  update();
  const made = h("section", { id: "questions", tabindex: "-1" }, h("h2", {}, "Every question, and what came back"),
    h("p", {}, "Open one to see its passages. Matched words are coloured, the chosen sentence is lit up, what the dataset marks as right stands in green."),
    h("div", { class: "tools" }, h("label", { class: "wide" }, "Search", search), data.runs.length > 1 && h("label", {}, "As seen by", which)), buttons, count, list);
  return { made, open };
}

// What became of a question: how good that is, and the verdict in words.
function ending(q, o) {
  if (!o.asked) return null;
  const words = verdictWords[o.verdict];
  if (q.offTopic) return o.verdict === "none" ? ["good", "off-topic, rightly refused"] : ["bad", `off-topic, but ${words}`];
  if (q.unanswerable) return o.verdict === "answered" ? ["bad", `no answer there, but ${words}`] : ["good", `no answer there, ${words}`];
  if (o.verdict === "none") return q.gold.length ? ["bad", "wrongly refused"] : ["soft", words];
  if (!q.told) return ["soft", words];
  if (o.right) return ["good", `right sentence, ${words}`];
  return [o.verdict === "answered" ? "bad" : "soft", `wrong sentence, ${words}`];
}

const stood = (q, o) => (!q.gold.length ? "no article holds the answer" : o.rank === null ? "right article not found" : `right article at rank ${o.rank}`);

function questionRow(data, q, run) {
  const o = q.outcomes[run], end = ending(q, o);
  const row = h("details", { class: "asked", "data-id": q.id },
    h("summary", {}, h("span", { class: "q" }, q.text), end && h("span", { class: `tag ${end[0]}` }, end[1]),
      h("span", { class: "how" }, [q.id, stood(q, o), o.asked && `${verdictWords[o.verdict]}, probability ${fixed(o.probability)}`].filter(Boolean).join(" · "))));
  row.addEventListener("toggle", () => { if (row.open && row.children.length === 1) row.append(questionBody(data, q, run)); });
  return row;
}

function questionBody(data, q, run) {
  return h("div", { class: "body" }, goldPart(data, q), h("div", { class: "back" }, runTitle(q, data.runs[run], "h4"), backPart(data, q, data.runs[run])),
    data.runs.filter((one) => one.index !== run).map((one) => otherPart(data, q, one)));
}

const named = (data, id) => (data.articles[id] && data.articles[id].title) || id;

function articleLine(data, id) {
  const a = data.articles[id] || {};
  return [a.source, (a.published || "").replace("T", " "), id].filter(Boolean).join(" · ");
}

function goldPart(data, q) {
  const about = [q.day && `asked on ${q.day}`, q.kind && `kind ${q.kind}`].filter(Boolean).join(" · ");
  if (q.unanswerable || !q.gold.length) return h("div", { class: "gold" }, h("h4", {}, q.offTopic ? "The collection is about nothing of this" : q.unanswerable ? "The collection has no answer to this" : "Nothing is marked as right"), h("p", {}, q.about && `It is about ${named(data, q.about)}. `, about));
  return h("div", { class: "gold" }, q.gold.map(([id, grade]) => h("div", {}, h("h4", {}, named(data, id), grade > 1 && ` (grade ${grade})`), h("p", { class: "where" }, articleLine(data, id)),
    q.marked.filter(([where]) => where === id).map(([, words]) => h("p", {}, h("q", {}, words))),
    data.articles[id] && data.articles[id].opening && h("p", {}, `It begins: “${data.articles[id].opening}…”`))),
  q.answers.length > 0 && h("p", {}, `Answers: ${q.answers.join(" | ")}`), h("p", { class: "where" }, about));
}

function runTitle(q, run, tag) {
  const end = ending(q, q.outcomes[run.index]);
  return h(tag, {}, h("span", { class: "swatch", style: `background:${colour(run.index)}` }), run.name, " ", end && h("span", { class: `tag ${end[0]}` }, end[1]));
}

// The same question under another run, drawn when it is opened.
function otherPart(data, q, run) {
  const part = h("details", { class: "back other" }, runTitle(q, run, "summary"));
  part.firstChild.append(` · ${stood(q, q.outcomes[run.index])}`);
  part.addEventListener("toggle", () => { if (part.open && part.children.length === 1) part.append(backPart(data, q, run)); });
  return part;
}

function backPart(data, q, run) {
  const o = q.outcomes[run.index];
  const made = Object.entries(o.signals).map(([name, value]) => `${name} ${fixed(value)}`).join(", ");
  return h("div", {}, h("p", { class: "where" }, stood(q, o), o.asked && `; verdict ${o.verdict} (${verdictWords[o.verdict]}), probability ${fixed(o.probability)}${made && ` (${made})`}; ${milliseconds(o.ms)}`),
    o.hits.map((hit) => passagePart(data, q, o, hit)),
    o.ranked && h("ol", {}, o.ranked.map((id) => h("li", {}, named(data, id), q.gold.some(([g]) => g === id) && h("span", { class: "tag good" }, " ✓ right article")))));
}

function passagePart(data, q, o, hit) {
  const p = data.passages[hit.passage], a = data.articles[p.article] || {};
  const chosen = o.sentence && o.sentence[0] === hit.rank, lit = chosen && !o.inTitle ? o.sentence.slice(1) : null;
  const title = chosen && o.inTitle ? h("mark", {}, a.title) : a.title || p.article;
  const words = Object.entries(hit.matched).sort((x, y) => y[1] - x[1]).map(([term, score]) => `${term} ${score.toFixed(2)}`).join(", ");
  const score = (name, value) => h("span", {}, `${name} `, h("b", {}, fixed(value)));
  return h("div", { class: `passage${q.gold.some(([id]) => id === p.article) ? " isgold" : ""}` }, h("h5", {}, `${hit.rank}. `, a.url ? h("a", { href: a.url, rel: "noreferrer" }, title) : title),
    h("p", { class: "where" }, `${articleLine(data, p.article)} · paragraph ${hit.paragraph}`, hit.also.length > 0 && ` · also in ${hit.also.map((id) => named(data, id)).join(", ")}`),
    h("blockquote", {}, pieces(p, hit.highlights, lit)),
    h("p", { class: "scores" }, score("fused", hit.score), "bm25" in hit.signals && score("BM25", hit.signals.bm25), "dense" in hit.signals && score("dense", hit.signals.dense)),
    words && h("p", { class: "scores" }, `matched: ${words}`));
}

// Offsets count code points of the article; JavaScript's strings count UTF-16.
function pieces(p, words, lit) {
  const points = Array.from(p.text), edges = new Set([0, points.length]);
  const spans = words.map(([a, b]) => [a - p.start, b - p.start]), shine = lit && [lit[0] - p.start, lit[1] - p.start];
  for (const [a, b] of shine ? [...spans, shine] : spans) { edges.add(a); edges.add(b); }
  const sorted = [...edges].filter((at) => at >= 0 && at <= points.length).sort((a, b) => a - b), out = [], shining = [];
  for (let i = 0; i + 1 < sorted.length; i++) {
    const [from, to] = [sorted[i], sorted[i + 1]], inside = ([a, b]) => a <= from && to <= b;
    const piece = points.slice(from, to).join(""), told = spans.some(inside) ? h("span", { class: "word" }, piece) : piece;
    if (shine && inside(shine)) { if (!shining.length) out.push(shining); shining.push(told); } else out.push(told);
  }
  return out.map((one) => (one === shining ? h("mark", {}, shining) : one));
}
