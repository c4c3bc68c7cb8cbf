/**
 * `gyre ps --attach`: a process that was not prepared, asked through Node's inspector.
 *
 * SIGUSR1 makes Node open it, on 127.0.0.1; whoever is on this machine could
 * use it meanwhile, so it is closed again, and never opened unless asked for.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { formatHead, formatRows } from "../console/index.ts";
import { translateFrame } from "../gen/index.ts";
import type { Snapshot } from "../trace/index.ts";
import { OK } from "./command.ts";
import { InspectorClient, inspectorAt } from "./inspector-client.ts";
import { checkAttachable, portsOf } from "./linux-process.ts";
import { print, printJson, styleFor } from "./print.ts";

/** How long Node may take to open its inspector. */
const OPEN_MS = 3000;

interface Seen {
  readonly pid: number;
  readonly program: string;
  readonly node: string;
  readonly stack: string;
  /** A snapshot as JSON, of a program that uses gyre/trace. */
  readonly live: string | undefined;
}

/** A suspended generator, when nothing more is known. */
interface Waiting {
  readonly name: string;
  readonly at: string | undefined;
}

interface Script {
  readonly scriptId: string;
  readonly url: string;
}

interface Property {
  readonly name: string;
  readonly value?: { readonly objectId?: string; readonly description?: string; readonly value?: unknown };
}

/** @returns the exit code. @throws {Error} with a sentence when it cannot be done */
export async function attach(pid: number, limit: number, isJson: boolean): Promise<number> {
  checkAttachable(pid);
  const { url, wasOpen } = await openInspector(pid);
  const scripts = new Map<string, string>();
  const client = await InspectorClient.connect(url, (method, params) => {
    if (method !== "Debugger.scriptParsed") return;
    const { scriptId, url: ofScript } = params as Script;
    scripts.set(scriptId, ofScript);
  });
  try {
    const seen = await look(client, limit);
    if (seen.pid !== pid)
      throw new Error(`Cannot attach to process ${pid}: its port is answered by process ${seen.pid}`);
    const snapshot = seen.live === undefined ? undefined : (JSON.parse(seen.live) as Snapshot);
    const waiting = snapshot === undefined ? await findGenerators(client, scripts, limit) : [];
    const frames = seen.stack.split("\n").map((line) => translateFrame(line.trim()));
    if (isJson) await printJson({ pid, program: seen.program, node: seen.node, frames, snapshot, waiting });
    else await print(format(seen, frames, snapshot, waiting));
    return OK;
  } finally {
    if (!wasOpen) await close(client);
    client.close();
  }
}

async function openInspector(pid: number): Promise<{ url: string; wasOpen: boolean }> {
  const before = new Set(portsOf(pid));
  process.kill(pid, "SIGUSR1");
  const endMs = performance.now() + OPEN_MS;
  while (performance.now() < endMs) {
    for (const port of portsOf(pid)) {
      // What it serves itself is not to be asked for an inspector.
      const url = before.has(port) && port !== 9229 ? undefined : await inspectorAt(port);
      if (url !== undefined) return { url, wasOpen: before.has(port) };
    }
    await sleep(10);
  }
  throw new Error(
    `Cannot attach to process ${pid}: it did not open its inspector (is port 9229 taken by another process?)`,
  );
}

/** In one evaluation, as it happens on top of whatever runs. */
async function look(client: InspectorClient, limit: number): Promise<Seen> {
  const expression = `(() => {
    const before = Error.stackTraceLimit;
    Error.stackTraceLimit = 50;
    const lines = String(new Error().stack).split("\\n").slice(3);
    Error.stackTraceLimit = before;
    return JSON.stringify({
      pid: process.pid,
      program: String(process.argv[1] ?? "node"),
      node: process.version,
      stack: lines.join("\\n"),
      live: globalThis[Symbol.for("gyre.live")]?.(${JSON.stringify(JSON.stringify({ limit }))}),
    });
  })()`;
  const { result, exceptionDetails } = await client.ask<{
    result: { value?: string };
    exceptionDetails?: { text: string };
  }>("Runtime.evaluate", { expression, returnByValue: true });
  if (exceptionDetails !== undefined || result.value === undefined)
    throw new Error(`Cannot look into the process: ${exceptionDetails?.text ?? "it gave no answer"}`);
  return JSON.parse(result.value) as Seen;
}

/** Whatever generators are suspended in it, gyre's or others'. */
async function findGenerators(
  client: InspectorClient,
  scripts: ReadonlyMap<string, string>,
  limit: number,
): Promise<Waiting[]> {
  const group = { objectGroup: "gyre" };
  try {
    const { result } = await client.ask<{ result: { objectId: string } }>("Runtime.evaluate", {
      expression: "Object.getPrototypeOf(function* () {}).prototype",
      ...group,
    });
    const { objects } = await client.ask<{ objects: { objectId: string } }>("Runtime.queryObjects", {
      prototypeObjectId: result.objectId,
      ...group,
    });
    const listed = await client.ask<{ result: Property[] }>("Runtime.getProperties", {
      objectId: objects.objectId,
      ownProperties: true,
    });
    // Scripts are named to a debugger only; it stays on for this moment.
    await client.ask("Debugger.enable");
    await client.ask("Debugger.disable");
    const found: Waiting[] = [];
    for (const { value } of listed.result) {
      if (found.length >= limit) break;
      const generator =
        value?.objectId === undefined ? undefined : await readGenerator(client, value.objectId, scripts);
      if (generator !== undefined) found.push(generator);
    }
    return found;
  } finally {
    // Or they would be kept alive.
    await client.ask("Runtime.releaseObjectGroup", group);
  }
}

async function readGenerator(
  client: InspectorClient,
  objectId: string,
  scripts: ReadonlyMap<string, string>,
): Promise<Waiting | undefined> {
  const { internalProperties = [] } = await client.ask<{ internalProperties?: Property[] }>(
    "Runtime.getProperties",
    { objectId, ownProperties: true },
  );
  const internal = (name: string): Property["value"] =>
    internalProperties.find((each) => each.name === name)?.value;
  if (internal("[[GeneratorState]]")?.value !== "suspended") return undefined;
  const place = internal("[[GeneratorLocation]]")?.value as
    | { scriptId: string; lineNumber: number; columnNumber: number }
    | undefined;
  const url = place === undefined ? undefined : scripts.get(place.scriptId);
  const head = internal("[[GeneratorFunction]]")?.description ?? "";
  const name = /^(?:async )?(?:function)?\s*\*\s*([\w$]+)/.exec(head)?.[1] ?? "anonymous";
  if (place === undefined || url === undefined) return { name, at: undefined };
  return { name, at: translateFrame(`${url}:${place.lineNumber + 1}:${place.columnNumber + 1}`) };
}

function format(
  { program, pid, node }: Seen,
  frames: readonly string[],
  snapshot: Snapshot | undefined,
  waiting: readonly Waiting[],
): string {
  const style = styleFor(process.stdout);
  const running = frames.filter((frame) => frame !== "").map((frame) => `  ${frame}`);
  const stack = running.length === 0 ? ["it waits for events"] : ["it runs", ...running];
  if (snapshot !== undefined)
    return [formatHead(snapshot, style), ...stack, formatRows(snapshot, style)].join("\n");
  return [
    `${style.strong(program)}, process ${pid}, Node ${node}`,
    ...stack,
    `${waiting.length} suspended generator${waiting.length === 1 ? "" : "s"} (it was not prepared: what they wait for is not known)`,
    ...waiting.map(({ name, at }) => `  ${name}${at === undefined ? "" : ` at ${at}`}`),
  ].join("\n");
}

/** Have the process close its inspector again, with our connection. */
async function close(client: InspectorClient): Promise<void> {
  await client.ask("Runtime.evaluate", { expression: "process._debugEnd?.()" }).catch(() => {
    // Closed: this is what it says.
  });
}
