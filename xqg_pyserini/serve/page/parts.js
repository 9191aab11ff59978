// What the passage and each language's generated queries have in a score: a bar, and the same in numbers.

import { element } from "./elements.js";

const COLOURS = 10;

/** Gives each language of the served indexes a colour, the same in all systems. */
export function languageColours(about) {
  const codes = about.indexes.flatMap((index) => index.languages.map((language) => language.code));
  const sorted = [...new Set(codes)].sort();
  return (code) => (code === null ? "passage" : `c${sorted.indexOf(code) % COLOURS}`);
}

/** What generated queries added to a score, without what they took from it: the length of its bar. */
export const addedBy = (parts) =>
  parts.reduce((sum, part) => sum + (part.language === null ? 0 : Math.max(0, part.share)), 0);

/**
 * @param {Object[]} parts  {language, name, share}: shares in units of the score, which add up to it
 * @param {function(?string): string} colourOf  see `languageColours`
 * @param {number} longest  what a bar of full length means, in units of the score
 */
export function scoreParts(parts, colourOf, longest) {
  const score = parts.reduce((sum, part) => sum + part.share, 0);
  const queries = parts.filter((part) => part.language !== null);
  const added = queries.reduce((sum, part) => sum + part.share, 0);
  const bySize = [...queries].sort((a, b) => b.share - a.share);
  const [most] = bySize;
  const words = most
    ? `generated queries ${percent(added, score)}, most ${most.name} ${percent(most.share, score)}`
    : "no generated queries";
  return element(
    "details",
    { class: "parts" },
    element("summary", {}, bar(queries, colourOf, longest), element("span", { class: "words" }, words)),
    list([...parts.filter((part) => part.language === null), ...bySize], score, colourOf),
  );
}

/** Lengths follow what each language's queries added; a negative share has none. The rest stays empty. */
function bar(queries, colourOf, longest) {
  const piece = (share, colour) => {
    const made = element("span", { class: colour });
    made.style.flexGrow = 100 * (share / longest);
    return made;
  };
  // the same order in all bars, so that they compare
  const added = queries.filter((part) => part.share > 0).sort((a, b) => (a.language < b.language ? -1 : 1));
  const pieces = added.map((part) => piece(part.share, colourOf(part.language)));
  return element("span", { class: "bar", "aria-hidden": "true" }, ...pieces, piece(longest - addedBy(queries), ""));
}

function list(parts, score, colourOf) {
  const items = parts.map((part) =>
    element(
      "li",
      {},
      element("span", { class: `swatch ${colourOf(part.language)}` }),
      element("span", { class: "name" }, part.name),
      element("span", { class: "share" }, percent(part.share, score)),
      element("span", { class: "note" }, part.share.toFixed(4)),
    ),
  );
  return element("ul", { role: "list", "aria-label": "Parts of the score" }, ...items);
}

const percent = (share, score) => (score ? `${((100 * share) / score).toFixed(1)} %` : share.toFixed(4));
