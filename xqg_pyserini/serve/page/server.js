// Requests to the server. Its addresses are relative, so that the page also works behind a path of a proxy.

const MOST_RETRIES = 3;
const LONGEST_WAIT = 5; // seconds
const KEY = "xqg-api-key";

/** An answer that is no result; its message is one line for people. */
export class ServerError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** Keeps the API key until the browser's tab is closed. */
export const useKey = (key) => sessionStorage.setItem(KEY, key);

/**
 * Asks the server; where it is too busy, waits as long as it says and asks again.
 *
 * @param {string} path  such as `api/search`
 * @param {?Object} body  sent as JSON by POST; null asks by GET
 * @param {AbortSignal=} signal  ends the request and the waiting
 * @returns {Promise<Object>} the JSON of the answer
 * @throws {ServerError} where the server answers with an error or not at all
 */
export async function ask(path, body = null, signal = new AbortController().signal) {
  for (let tries = 0; ; tries++) {
    const answer = await send(path, body, signal);
    if (answer.ok) return answer.json();
    const wait = Number(answer.headers.get("Retry-After"));
    const mayPass = [429, 503].includes(answer.status) && wait > 0 && wait <= LONGEST_WAIT;
    if (!mayPass || tries === MOST_RETRIES) throw await errorOf(answer);
    await pause(1000 * wait, signal);
  }
}

async function send(path, body, signal) {
  const headers = { Accept: "application/json" };
  const key = sessionStorage.getItem(KEY);
  if (key) headers.Authorization = `Bearer ${key}`;
  if (body) headers["Content-Type"] = "application/json";
  try {
    return await fetch(path, { method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body), signal });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new ServerError("The server does not answer. Is xqg serve running?", 0);
  }
}

async function errorOf(answer) {
  if (answer.status === 401) return new ServerError("This server asks for an API key.", 401);
  const problem = await answer.json().catch(() => ({}));
  const message = problem.detail || problem.title || `The server answers with status ${answer.status}.`;
  return new ServerError(message, answer.status);
}

function pause(milliseconds, signal) {
  signal.throwIfAborted();
  return new Promise((done, failed) => {
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      failed(signal.reason);
    });
  });
}
