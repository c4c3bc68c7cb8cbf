// @ts-check
/** Asks the server. */

/** The server's own words, or that it is gone. */
export class AskError extends Error {
  /** @override */
  name = "AskError";

  /** @param {string} message @param {number} status 0: there was no answer */
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/**
 * @param {string} path below /api
 * @param {Record<string, string | number | undefined>} [query] what is undefined is left out
 * @param {RequestInit} [init]
 * @returns {Promise<any>}
 * @throws {AskError}
 */
export async function ask(path, query = {}, init = {}) {
  const kept = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  const search = new URLSearchParams(kept.map(([key, value]) => [key, String(value)]));
  let response;
  try {
    response = await fetch(`/api/${path}?${search}`, init);
  } catch {
    throw new AskError("The program does not answer: it has ended, or the connection is lost", 0);
  }
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  throw new AskError(answer.error ?? `The server answered ${response.status}`, response.status);
}

/**
 * @param {string} path below /api
 * @param {Record<string, string | number | undefined>} query
 * @param {BodyInit} [body]
 */
export function post(path, query, body) {
  return ask(path, query, { method: "POST", ...(body === undefined ? {} : { body }) });
}
