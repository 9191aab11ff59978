// The page of `xqg serve`: one question, searched while it is typed, by one system or two side by side.

import { askedLines } from "./asked.js";
import { fillControls, languageOf, readControls, writeControls } from "./controls.js";
import { byId, element } from "./elements.js";
import { systemSections } from "./hits.js";
import { languageColours } from "./parts.js";
import { ask, useKey } from "./server.js";
import { labelOf, linkOf, stateOf } from "./state.js";

const TYPING_PAUSE = 200; // milliseconds after the last key, before a request
const SLOW = 400; // milliseconds, after which the page says that it searches

let about;
let state;
let colourOf;
let running = new AbortController();
let typingTimer;
/** Whether the newest entry of the history is a question that is still being typed. */
let typing = false;

async function start() {
  try {
    about = await ask("api/about");
  } catch (error) {
    showError(error, start);
    return;
  }
  showError(null);
  colourOf = languageColours(about);
  byId("served").textContent = `Search across languages · version ${about.version}`;
  fillControls(about, chooseExample);
  listen();
  followLink();
}

function listen() {
  byId("search").addEventListener("submit", (event) => {
    event.preventDefault();
    endTyping();
    search();
  });
  byId("query").addEventListener("input", typed);
  byId("query").addEventListener("blur", endTyping);
  byId("options").addEventListener("change", () => change(readControls(state, about)));
  byId("other-typos").addEventListener("click", () => change({ ...state, seed: state.seed + 1 }));
  window.addEventListener("popstate", followLink);
}

/** Shows the state of the address: at the start, and on back and forward. */
function followLink() {
  typing = false;
  const { state: linked, unknown } = stateOf(location.search, about);
  state = linked;
  writeControls(state, about);
  search();
  if (unknown.length) showError(new Error(`This server does not have what the link asks for: ${unknown.join(", ")}.`));
}

/** A key in the question: one entry of the history for all keys until something else happens. */
function typed() {
  state = readControls(state, about);
  writeControls(state, about);
  remember(typing);
  typing = true;
  clearTimeout(typingTimer);
  running.abort();
  typingTimer = setTimeout(search, TYPING_PAUSE);
}

function endTyping() {
  typing = false;
}

function chooseExample(example) {
  const known = about.typo_languages.some((language) => language.code === example.language);
  change({ ...state, query: example.query, language: known ? example.language : "" });
}

/** Anything but typing: an entry of the history of its own. */
function change(next) {
  state = next;
  endTyping();
  writeControls(state, about);
  remember(false);
  search();
}

function remember(replace) {
  const link = linkOf(state, about);
  if (replace) history.replaceState(null, "", link);
  else history.pushState(null, "", link);
}

/** Searches what the form shows; the request before, if it still runs, is aborted. */
async function search() {
  clearTimeout(typingTimer);
  running.abort();
  running = new AbortController();
  const { signal } = running;
  showError(null);
  document.title = state.query ? `${state.query} – xqg` : "xqg: search across languages";
  if (!state.query.trim()) {
    showNothing();
    return;
  }
  const slow = setTimeout(() => {
    markStale(true);
    byId("status").textContent = "Searching …";
  }, SLOW);
  try {
    show(await answerOf(state, signal), state);
    markStale(false);
  } catch (error) {
    if (signal.aborted) return;
    markStale(true);
    showError(error, search);
  } finally {
    clearTimeout(slow);
  }
}

/** Asks the server for the misspelled query, where typos are wanted, and for the hits of the systems. */
async function answerOf(wanted, signal) {
  const language = languageOf(wanted);
  const { typos, preset, seed } = wanted;
  const misspelled = typos
    ? await ask("api/misspell", { text: wanted.query, language, typos, preset, seed }, signal)
    : null;
  const query = misspelled ? misspelled.text : wanted.query;
  const systems = systemsShown(wanted).map(([name, system]) => ({ name, ...system, correct: wanted.correct }));
  const found = await ask("api/compare", { query, systems, hits: wanted.hits, language }, signal);
  return { misspelled, query, language, found };
}

const systemsShown = ({ left, right }) => Object.entries({ left, right }).filter(([, system]) => system);

function show({ misspelled, query, language, found }, shown) {
  const corrected = shown.correct ? found.systems[0].corrected : undefined;
  const lines = askedLines(misspelled, corrected, query, language);
  byId("asked").replaceChildren(...lines);
  byId("asked").hidden = !lines.length;
  const labels = systemsShown(shown).map(([, system]) => labelOf(system, about));
  replaceResults(found, labels);
  byId("status").textContent = inWords(found, labels);
}

function replaceResults(found, labels) {
  const results = byId("results");
  const focused = results.contains(document.activeElement);
  results.dataset.systems = labels.length;
  results.style.setProperty("--hits", Math.max(1, ...found.systems.map((system) => system.hits.length)));
  results.replaceChildren(...systemSections(found, about, colourOf, labels));
  // what had the focus is gone: the next Tab goes to the first hit, not to the top of the page
  if (focused) results.focus({ preventScroll: true });
}

function inWords(found, labels) {
  const hits = found.systems.map((system, place) => `${system.hits.length} of ${labels[place]}`).join(", ");
  const took = `${found.took_ms.toFixed(0)} ms`;
  if (labels.length === 1) return `Passages: ${hits}. ${took}.`;
  const moved = found.moves.filter(({ ranks }) => ranks.left !== ranks.right).length;
  return `Passages: ${hits}; ${moved || "none"} with different ranks. ${took}.`;
}

/** Dims the hits that are shown: they answer another question than the one that is asked. */
const markStale = (stale) => byId("results").classList.toggle("stale", stale);

function showNothing() {
  byId("asked").hidden = true;
  byId("results").replaceChildren();
  markStale(false);
  byId("status").textContent = "Type a question, or choose an example.";
}

/** One plain line, and a way to try again; null takes it away. */
function showError(error, again = null) {
  const line = byId("error");
  line.hidden = !error;
  line.replaceChildren();
  if (!error) return;
  byId("status").textContent = "";
  line.append(error.message, " ");
  if (error.status === 401) line.append(keyForm(again));
  else if (again) line.append(element("button", { type: "button", onclick: () => again() }, "Try again"));
}

function keyForm(again) {
  const input = element("input", { type: "password", "aria-label": "API key", autocomplete: "off" });
  const send = (event) => {
    event.preventDefault();
    useKey(input.value);
    again();
  };
  return element("form", { onsubmit: send }, input, element("button", {}, "Use this key"));
}

start();
