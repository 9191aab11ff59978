// The line under the form: the query as it is searched, with its typos marked, and its correction.

import { element } from "./elements.js";

/**
 * @param {{text: string, edits: Object[]}|null} misspelled  the answer of api/misspell
 * @param {string|null} corrected  the corrected query; undefined where no correction is asked for
 * @param {string} query  what is searched
 * @param {string} language  its code
 * @returns {Node[]}
 */
export function askedLines(misspelled, corrected, query, language) {
  const lines = [];
  if (misspelled) {
    const marked = element("span", { class: "query", lang: language, dir: "auto" }, ...marks(misspelled));
    lines.push(line("With typos", marked, editsInWords(misspelled.edits, language)));
  }
  if (corrected !== undefined) {
    const changed = corrected !== null && corrected !== query;
    const words = changed ? differences(query, corrected) : [query];
    const text = element("span", { class: "query", lang: language, dir: "auto" }, ...words);
    lines.push(line("Corrected", text, changed ? null : "nothing to correct"));
  }
  return lines;
}

const line = (name, text, note) =>
  element("p", {}, element("span", { class: "name" }, name), text, note && element("span", { class: "note" }, note));

/** The misspelled text with what each edit changed in <mark>; where letters are missing, the gap is marked. */
function marks({ text, edits }) {
  const units = graphemes(text);
  const kinds = units.map((unit) => kindOf(unit, edits));
  // a missing end has no unit behind it
  const last = units.at(-1);
  if (last && !kinds.at(-1) && edits.some((edit) => edit.start === edit.end && edit.start >= last.end))
    kinds[kinds.length - 1] = "gap-after";
  return units.map((unit, number) =>
    kinds[number] ? element("mark", { class: kinds[number] }, unit.text) : unit.text,
  );
}

function kindOf(unit, edits) {
  if (edits.some((edit) => edit.start < unit.end && edit.end > unit.start)) return "changed";
  return edits.some((edit) => edit.start === edit.end && edit.start >= unit.start && edit.start < unit.end)
    ? "gap-before"
    : "";
}

/** What a reader sees as one letter each; the server counts code points, a string's own length does not. */
function graphemes(text) {
  let end = 0;
  return Array.from(new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text), ({ segment }) => {
    const start = end;
    end += Array.from(segment).length;
    return { text: segment, start, end };
  });
}

function editsInWords(edits, language) {
  if (!edits.length) return "this text has no place for a typo";
  const quoted = (text) => element("bdi", { lang: language }, text.replaceAll(" ", "␣"));
  const parts = edits.flatMap(({ operator, before, after }, number) => [
    number ? "; " : "",
    `${operator}: `,
    ...(before ? [quoted(before)] : []),
    before && after ? " → " : before ? " is missing" : "",
    ...(after ? [quoted(after)] : []),
    !before && after ? " is added" : "",
  ]);
  return element("span", {}, ...parts);
}

/** A corrected query with the words marked that the query does not have. */
function differences(query, corrected) {
  const had = new Set(query.split(/\s+/));
  return corrected.split(/(\s+)/).map((word) => (had.has(word) || !word.trim() ? word : element("mark", {}, word)));
}
