/** Builds elements. Text always goes in as text: nothing that came from a patch is ever markup. */

/**
 * @param {string} tag
 * @param {Record<string, string | undefined>} attributes
 * @param {...(Node | string | undefined)} children
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined) node.setAttribute(name, value);
  for (const child of children) if (child !== undefined) node.append(child);
  return node;
}

/** @param {string} text @param {string} tone @param {string} [kind] */
export function chip(text, tone, kind) {
  return element("span", { class: "chip", "data-tone": tone, "data-kind": kind }, text);
}

/** A time in words, kept current by `refreshTimes`, with the exact one on hover. */
export function timeElement(at, words) {
  const date = new Date(at);
  const isSound = !Number.isNaN(date.getTime());
  return element(
    "time",
    isSound
      ? { datetime: date.toISOString(), title: date.toLocaleString(), "data-at": String(at) }
      : {},
    words,
  );
}
