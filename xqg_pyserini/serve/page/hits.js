// The systems side by side: their hits, the moves between them, and what generated queries added to each score.

import { element, unseen } from "./elements.js";
import { addedBy, scoreParts } from "./parts.js";

/**
 * @param {Object} answer  the answer of api/compare
 * @param {Object} about  the answer of api/about
 * @param {function(?string): string} colourOf  see `languageColours`
 * @param {string[]} labels  what people call the systems, in the answer's order
 * @returns {Node[]} one section for each system
 */
export function systemSections(answer, about, colourOf, labels) {
  const hits = answer.systems.flatMap((system) => system.hits);
  const longest = Math.max(...hits.map((hit) => addedBy(hit.parts ?? [])));
  const ranks = new Map(answer.moves.map((move) => [move.docid, move.ranks]));
  return answer.systems.map((system, place) => {
    const other = answer.systems.length > 1 ? answer.systems[1 - place] : null;
    const view = {
      place,
      colourOf,
      longest,
      other: other && { name: other.name, label: labels[1 - place], hits: other.hits.length },
    };
    const index = about.indexes.find((one) => one.name === system.index);
    const heading = `system-${place}`;
    return element(
      "section",
      { "aria-labelledby": heading },
      element("h2", { id: heading }, labels[place]),
      element("p", { class: "note" }, inWords(index)),
      system.hits.length
        ? element("ol", { role: "list" }, ...system.hits.map((hit) => hitItem(hit, ranks.get(hit.docid) ?? {}, view)))
        : element("p", { class: "empty" }, "This index holds no passages."),
    );
  });
}

function inWords(index) {
  const languages = index.languages.map((language) => language.name);
  return [
    `${index.passages.toLocaleString("en")} passages`,
    languages.length ? `generated queries in ${languages.length === 1 ? languages[0] : `${languages.length} languages`}` : "",
    index.texts ? "" : "no texts, so only docids are shown",
  ]
    .filter(Boolean)
    .join(" · ");
}

function hitItem(hit, ranks, view) {
  const { rank } = hit;
  const otherRank = view.other ? ranks[view.other.name] ?? null : rank;
  const kind = otherRank === rank ? "" : kindOfMove(rank, otherRank, view.place);
  return element(
    "li",
    { id: idOf(view.place, rank), class: `hit ${kind}`, tabindex: "-1" },
    element("span", { class: "rank" }, unseen("Rank "), String(rank)),
    element(
      "div",
      { class: "head" },
      element(
        "div",
        {},
        element("h3", { dir: "auto", class: hit.title ? "" : "docid" }, hit.title || hit.docid),
        otherRank === rank ? null : move(rank, otherRank, view),
      ),
      element("span", { class: "score" }, unseen("score "), hit.score.toFixed(4)),
    ),
    hit.text ? passageText(hit) : null,
    hit.parts ? scoreParts(hit.parts, view.colourOf, view.longest) : null,
  );
}

const idOf = (place, rank) => `hit-${place}-${rank}`;

/** How a hit is marked: the second system is seen as a change of the first. */
function kindOfMove(rank, otherRank, place) {
  if (place === 0) return "moved";
  return otherRank === null || rank < otherRank ? "moved up" : "moved down";
}

/** The rank in the other system; where the passage is among its hits, a button that goes there. */
function move(rank, otherRank, view) {
  const { label, hits } = view.other;
  if (otherRank === null)
    return element("span", { class: "move" }, `not in the first ${hits} of ${label}`);
  const change = Math.abs(otherRank - rank);
  const up = rank < otherRank;
  return element(
    "button",
    { type: "button", class: "move", onclick: () => document.getElementById(idOf(1 - view.place, otherRank)).focus() },
    view.place === 1 ? element("span", { class: "change", "aria-hidden": "true" }, `${up ? "↑" : "↓"} ${change}`) : null,
    view.place === 1 ? unseen(`${up ? "up" : "down"} ${change}, `) : null,
    `rank ${otherRank} in ${label}`,
  );
}

/** A passage's text: the part around the match, and a button that shows all of it. */
function passageText(hit) {
  const text = element("span", {}, hit.window ? hit.window.text : hit.text);
  const paragraph = element("p", { class: "text", dir: "auto" }, text);
  if (hit.window) {
    const toggle = (event) => {
      const all = event.currentTarget.getAttribute("aria-expanded") === "false";
      text.textContent = all ? hit.text : hit.window.text;
      event.currentTarget.setAttribute("aria-expanded", String(all));
      event.currentTarget.firstChild.data = all ? "show less" : "show all";
    };
    const button = { type: "button", class: "more", "aria-expanded": "false", lang: "en", onclick: toggle };
    paragraph.append(" ", element("button", button, "show all", unseen(` of ${hit.title || hit.docid}`)));
  }
  return paragraph;
}
