/**
 * Makes an element. Children that are strings become text nodes: data never turns into markup.
 *
 * @param {string} tag
 * @param {Object<string, string|boolean|EventListener>} attributes  `onclick` and the like are listeners; false and
 *   null leave an attribute out.
 * @param {...(Node|string|null)} children
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** Text for screen readers only. */
export const unseen = (text) => element("span", { class: "hidden" }, text);

/** The element with an id of index.html. */
export const byId = (id) => document.getElementById(id);
