// The form: fills its lists from what the server offers, reads a state from it, and writes one into it.

import { byId, element } from "./elements.js";
import { languageByScript } from "./scripts.js";
import { HITS, labelOf, MOST_TYPOS, nameOf, systemsOf } from "./state.js";

/** Fills the lists and examples; `choose` is called with an example that is chosen. */
export function fillControls(about, choose) {
  byId("query").maxLength = about.limits.query_chars;
  const systems = about.indexes.map((index) =>
    element("optgroup", { label: index.name }, ...systemsOf({ ...about, indexes: [index] }).map((system) => systemOption(system, about))),
  );
  byId("left").replaceChildren(...systems);
  byId("right").replaceChildren(...systems.map((group) => group.cloneNode(true)), option("none", "nothing"));
  fill("hits", HITS.filter((number) => number <= about.limits.hits));
  fill("typos", Array.from({ length: MOST_TYPOS }, (_, number) => number + 1));
  fill("preset", about.typo_presets);
  const byName = [...about.typo_languages].sort((a, b) => a.name.localeCompare(b.name, "en"));
  byId("language").replaceChildren(option("", ""), ...byName.map(({ code, name }) => option(code, name)));
  byId("examples").parentElement.hidden = !about.examples.length;
  byId("examples").replaceChildren(...about.examples.map((example) => exampleButton(example, choose)));
}

const option = (value, text) => element("option", { value }, text);
const systemOption = (system, about) => option(nameOf(system, about), labelOf(system, about));
const fill = (id, values) => byId(id).replaceChildren(...values.map((value) => option(value, String(value))));

const exampleButton = (example, choose) =>
  element("button", { type: "button", title: example.query, onclick: () => choose(example) }, example.name);

/** The state that the form shows. */
export function readControls(state, about) {
  const systems = new Map(systemsOf(about).map((system) => [nameOf(system, about), system]));
  return {
    query: byId("query").value,
    left: systems.get(byId("left").value),
    right: systems.get(byId("right").value) ?? null,
    hits: Number(byId("hits").value),
    language: byId("language").value,
    typos: byId("typos-on").checked ? Number(byId("typos").value) : 0,
    preset: byId("preset").value,
    seed: state.seed,
    correct: byId("correct").checked,
  };
}

/** Shows a state in the form. */
export function writeControls(state, about) {
  // writing the same text would move the cursor of who is typing
  if (byId("query").value !== state.query) byId("query").value = state.query;
  byId("left").value = nameOf(state.left, about);
  byId("right").value = nameOf(state.right, about);
  byId("hits").value = state.hits;
  byId("language").value = state.language;
  byId("typos-on").checked = state.typos > 0;
  if (state.typos) byId("typos").value = state.typos;
  byId("preset").value = state.preset;
  byId("correct").checked = state.correct;
  for (const id of ["typos", "preset", "other-typos"]) byId(id).disabled = !state.typos;
  showLanguage(state, about);
}

/** Names the language that the script tells, and tells the browser what the question is written in. */
function showLanguage(state, about) {
  const code = languageByScript(state.query);
  const name = about.typo_languages.find((language) => language.code === code)?.name ?? code;
  byId("language").options[0].text = `by script: ${name}`;
  byId("query").lang = languageOf(state);
}

/** Code of the language of the question: the chosen one, else that which the script tells. */
export const languageOf = (state) => state.language || languageByScript(state.query);
