// @ts-check
/** What the page shows, as the part of its address after `#`: a link to it shows the same again. */

/**
 * @typedef {object} Route
 * @property {string} view
 * @property {Readonly<Record<string, string>>} query
 */

/**
 * @param {string} hash such as "#/tree?filter=fn:fetch*"
 * @returns {Route}
 */
export function parseRoute(hash) {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split(/\?(.*)/s);
  return { view: path === "" ? "overview" : path, query: Object.fromEntries(new URLSearchParams(query)) };
}

/**
 * @param {string} view
 * @param {Record<string, string | number | undefined>} [query] what is empty or undefined is left out
 */
export function formatRoute(view, query = {}) {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== "") search.set(key, String(value));
  }
  const text = String(search);
  return `#/${view}${text === "" ? "" : `?${text}`}`;
}
