/** The doors of gyre as a program has them: there may be several gyres, and only its own knows its coroutines. */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

/**
 * Load the door `name` as the file at `path` would.
 *
 * @param name - such as "gyre/sim"
 * @param ours - loads this gyre's, for a file that finds none
 */
export async function loadDoor<Door>(path: string, name: string, ours: () => Promise<Door>): Promise<Door> {
  let found: string;
  try {
    found = createRequire(path).resolve(name);
  } catch {
    return await ours();
  }
  return await import(pathToFileURL(found).href);
}
