/** The loader hook behind `strip.mjs`; it runs on Node's loader thread. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { transform } from "@swc/wasm-typescript";

export async function load(url, context, nextLoad) {
  if (!url.startsWith("file:") || !url.endsWith(".ts")) return nextLoad(url, context);
  const filename = fileURLToPath(url);
  const { code } = await transform(await readFile(filename, "utf8"), {
    mode: "strip-only",
    module: true,
    filename,
  });
  return { format: "module", source: `${code}\n//# sourceURL=${url}`, shortCircuit: true };
}
