"use strict";
const form = document.forms[0], body = document.querySelector(".body"), context = document.querySelector("#context");
const rows = [...body.children], articles = JSON.parse(document.querySelector("#articles").textContent);
const plain = text => text.normalize("NFKD").replace(/[\p{M}ـ\u200e\u200f]/gu, "").toLowerCase();
const words = new Map(), texts = row => words.get(row) ?? words.set(row, plain(row.textContent)).get(row);
rows.forEach((row, place) => {
  row.place = place;
  row.classList.toggle("many", row.querySelectorAll(".differences li").length > 1);
});

const orders = {
  "": (a, b) => a.place - b.place,
  sure: (a, b) => (b.dataset.confidence || -1) - (a.dataset.confidence || -1),
  unsure: (a, b) => (a.dataset.confidence || 2) - (b.dataset.confidence || 2),
  versions: (a, b) => b.dataset.versions - a.dataset.versions,
  speaker: (a, b) => !a.dataset.speaker - !b.dataset.speaker || a.dataset.speaker.localeCompare(b.dataset.speaker),
};
const kinds = {
  quote: row => row.dataset.kind === "quote",
  statement: row => row.dataset.kind === "statement",
  differs: row => row.querySelector(".differences li"),
  alone: row => row.dataset.versions === "1",
};
let order = "";

function show() {
  const { search, speaker, lang, flag, kind, confidence, least, count } = form.elements;
  const wanted = plain(search.value).split(/\s+/).filter(Boolean), from = Number(confidence.value);
  least.value = from.toFixed(2);
  let shown = 0;
  for (const row of rows) {
    const data = row.dataset;
    row.hidden = !((!speaker.value || data.speaker === speaker.value)
      && (!lang.value || data.langs.split(" ").includes(lang.value))
      && (!flag.value || data.flags.split(" ").includes(flag.value))
      && (!kind.value || kinds[kind.value](row))
      && (!from || (data.confidence !== "" && data.confidence >= from))
      && wanted.every(word => texts(row).includes(word)));
    shown += !row.hidden;
  }
  if (order !== form.elements.order.value) {
    order = form.elements.order.value;
    body.append(...[...rows].sort((a, b) => orders[order](a, b) || a.place - b.place));
  }
  count.value = shown === rows.length ? `${shown} statements` : `${shown} of ${rows.length} statements`;
  close();
}

let opened = null;
function close() {
  context.hidden = true;
  opened?.querySelector("button").setAttribute("aria-expanded", "false");
  opened = null;
}

/* The words in their article: the rest of the paragraph, up to 400 characters on each side. */
function open(source) {
  if (opened === source) return;
  close();
  const { article, start, end } = source.dataset, { label, lang, dir, text } = articles[article];
  const before = text.slice(Math.max(0, start - 400), start), after = text.slice(end, Number(end) + 400);
  const words = context.querySelector(".source"), mark = document.createElement("mark");
  [words.lang, words.dir, mark.textContent] = [lang, dir, text.slice(start, end)];
  words.replaceChildren(before.slice(before.lastIndexOf("\n\n") + 1).trimStart(), mark, after.split("\n\n")[0]);
  context.querySelector(".tag").textContent = label;
  context.hidden = false;
  const box = source.getBoundingClientRect(), width = context.offsetWidth, height = context.offsetHeight;
  const under = box.bottom + height + 8 < innerHeight || box.top < height + 8;
  context.style.left = `${scrollX + Math.max(16, Math.min(box.left, document.documentElement.clientWidth - width - 16))}px`;
  context.style.top = `${scrollY + (under ? box.bottom + 6 : box.top - height - 6)}px`;
  source.querySelector("button").setAttribute("aria-expanded", "true");
  opened = source;
}

let rest, pinned = false;
body.addEventListener("click", event => {
  const source = event.target.closest(".source");
  if (!source || String(getSelection())) return;
  const again = opened === source && pinned;
  again ? close() : open(source);
  pinned = !again;
});
body.addEventListener("pointerover", event => {
  clearTimeout(rest);
  const source = event.target.closest(".source"), row = event.target.closest("[role=row]");
  if (event.pointerType === "mouse" && source) rest = setTimeout(() => { open(source); pinned = false; }, 450);
  if (event.pointerType === "mouse" && !source && !pinned) close();
  mark(row, event.target.closest("[data-slot]")?.dataset.slot);
});
function mark(row, slot) {
  for (const on of document.querySelectorAll(".on")) on.classList.remove("on");
  if (!row) return;
  document.querySelector(`path[data-row="${CSS.escape(row.id)}"]`)?.classList.add("on");
  if (slot) for (const word of row.querySelectorAll(`mark[data-slot="${slot}"]`)) word.classList.add("on");
}
document.querySelector("svg").addEventListener("click", event => {
  const row = document.getElementById(event.target.dataset.row);
  if (row && !row.hidden) go(row);
});

function go(row) {
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "start" });
  mark(row);
}
addEventListener("keydown", event => {
  if (event.key === "Escape") close();
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea")) return;
  const shown = [...body.children].filter(row => !row.hidden);
  const at = shown.indexOf(document.activeElement.closest?.("[role=row]"));
  if (event.key === "/") form.elements.search.focus();
  else if (event.key === "j" && at + 1 < shown.length) go(shown[at + 1]);
  else if (event.key === "k" && at > 0) go(shown[at - 1]);
  else if (event.key === "Enter" && event.target === shown[at]) { open(shown[at].querySelector(".source")); pinned = true; }
  else return;
  event.preventDefault();
});

let waiting;
form.addEventListener("input", () => { cancelAnimationFrame(waiting); waiting = requestAnimationFrame(show); });
form.addEventListener("reset", () => setTimeout(show));
form.addEventListener("submit", event => event.preventDefault());
form.elements.theme.addEventListener("click", () => {
  const root = document.documentElement, dark = matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = (root.dataset.theme ?? (dark ? "dark" : "light")) === "dark" ? "light" : "dark";
});
show();
