// What the page shows, and the link that reproduces it.
//
// A state is {query, left, right, hits, language, typos, preset, seed, correct}: `left` and `right` are systems
// {index, encoder} or null (right only); `language` is a code, empty where the script tells it; `typos` is 0 where
// none are added.

export const HITS = [5, 10, 20, 50];
export const MOST_TYPOS = 5;

/** Every system that can be chosen: each index with its own query encoder, then with the others that fit it. */
export const systemsOf = (about) =>
  about.indexes.flatMap((index) =>
    [index.encoder, ...index.encoders.filter((name) => name !== index.encoder)].map((encoder) => ({
      index: index.name,
      encoder,
    })),
  );

/** The name of a system as people read it: the index, and the query encoder where it is not the index's own. */
export function labelOf(system, about) {
  const own = about.indexes.find((index) => index.name === system.index).encoder;
  return system.encoder === own ? system.index : `${system.index}, ${system.encoder}`;
}

/** The state before anything is typed: base beside xqg where both are served, else the first two systems. */
export function firstState(about) {
  const systems = systemsOf(about);
  const named = (name) => systems.find((system) => system.index === name);
  const [left, right] = named("base") && named("xqg") ? [named("base"), named("xqg")] : firstOfTwoIndexes(systems);
  return {
    query: "",
    left,
    right,
    hits: 10,
    language: "",
    typos: 0,
    preset: about.typo_presets.includes("natural") ? "natural" : about.typo_presets[0],
    seed: 0,
    correct: false,
  };
}

function firstOfTwoIndexes(systems) {
  const left = systems[0];
  const right = systems.find((system) => system.index !== left.index) ?? systems[1] ?? null;
  return [left, right];
}

/** The link of a state, relative to the page; what is as in the first state is left out. */
export function linkOf(state, about) {
  const first = firstState(about);
  const named = new URLSearchParams();
  const add = (name, value, usual) => {
    if (value !== usual) named.set(name, value);
  };
  add("q", state.query, "");
  add("left", nameOf(state.left, about), nameOf(first.left, about));
  add("right", nameOf(state.right, about), nameOf(first.right, about));
  add("hits", state.hits, first.hits);
  add("language", state.language, "");
  add("typos", state.typos, 0);
  if (state.typos) {
    add("preset", state.preset, first.preset);
    add("seed", state.seed, first.seed);
  }
  add("correct", Number(state.correct), 0);
  return named.size ? `?${named}` : ".";
}

/**
 * The state that a link asks for.
 *
 * @param {string} search  the part of the address from `?`
 * @returns {{state: Object, unknown: string[]}} `unknown` names what the link asks for and this server has not
 */
export function stateOf(search, about) {
  const asked = new URLSearchParams(search);
  const state = firstState(about);
  const unknown = [];
  const take = (name, choices, nameOfChoice = String) => {
    if (!asked.has(name)) return;
    const found = choices.find((choice) => nameOfChoice(choice) === asked.get(name));
    if (found === undefined) unknown.push(`${name} “${asked.get(name)}”`);
    else state[name] = found;
  };
  const systemName = (system) => nameOf(system, about);
  state.query = (asked.get("q") ?? "").slice(0, about.limits.query_chars);
  take("left", systemsOf(about), systemName);
  take("right", [...systemsOf(about), null], systemName);
  take("hits", HITS);
  take("language", about.typo_languages.map((language) => language.code));
  take("typos", Array.from({ length: MOST_TYPOS + 1 }, (_, number) => number));
  take("preset", about.typo_presets);
  const seed = Number(asked.get("seed"));
  if (Number.isSafeInteger(seed)) state.seed = seed;
  state.correct = asked.get("correct") === "1";
  return { state, unknown };
}

/** The name of a system in a link: `xqg`, `xqg/embedded+typo`, `none`. */
export function nameOf(system, about) {
  if (!system) return "none";
  const own = about.indexes.find((index) => index.name === system.index).encoder;
  return system.encoder === own ? system.index : `${system.index}/${system.encoder}`;
}
