/**
 * What is wrong with a trace, by the documented rules of the Trace Event Format, and of Perfetto's reader of it.
 *
 * Written from the rules alone: it knows nothing of how the trace was made.
 */
interface Item {
  readonly [name: string]: unknown;
}

interface Slice {
  readonly begin: number;
  readonly end: number;
  readonly name: unknown;
}

const PHASES = ["X", "b", "e", "n", "i", "M"];

/** One sentence for each rule that is broken. */
export function checkPerfetto(json: string): string[] {
  const { traceEvents } = JSON.parse(json) as { traceEvents: Item[] };
  if (!Array.isArray(traceEvents)) return ["there is no list of events"];
  return [
    ...traceEvents.flatMap(fieldsOf),
    ...tracksOf(traceEvents),
    ...asyncOf(traceEvents),
    ...flowsOf(traceEvents),
  ];
}

/** Each event alone. */
function fieldsOf(item: Item): string[] {
  const wrong: string[] = [];
  const say = (what: string): number => wrong.push(`${what} in ${JSON.stringify(item)}`);
  if (!PHASES.includes(item.ph as string)) say("unknown phase");
  if (typeof item.name !== "string") say("no name");
  if (!Number.isInteger(item.pid) || !Number.isInteger(item.tid)) say("no process or thread");
  if (item.ph !== "M" && !(Number.isFinite(item.ts) && (item.ts as number) >= 0)) say("no time");
  if (item.ph === "X" && !(Number.isFinite(item.dur) && (item.dur as number) >= 0)) say("no duration");
  if (item.ph !== "X" && "dur" in item) say("a duration of what is no slice");
  if (item.ph === "i" && !["g", "p", "t"].includes(item.s as string)) say("an instant without a scope");
  if (item.ph === "M" && typeof (item.args as Item | undefined)?.name !== "string")
    say("metadata without a value");
  if (["b", "e", "n"].includes(item.ph as string)) {
    if (typeof item.cat !== "string" || item.cat === "") say("no category");
    if (!isNumeric(item.id)) say("an id that is no number");
  } else if ("id" in item) say("an id of what is not asynchronous");
  if ("bind_id" in item && !isNumeric(item.bind_id)) say("a binding that is no number");
  if (("flow_in" in item || "flow_out" in item) !== "bind_id" in item) say("half a binding");
  if ("bind_id" in item && item.ph !== "X") say("a binding of what is no slice");
  return wrong;
}

function isNumeric(id: unknown): boolean {
  return (
    (Number.isSafeInteger(id) && (id as number) >= 0) || (typeof id === "string" && /^0x[0-9a-f]+$/i.test(id))
  );
}

/** Nanoseconds, as the reader has them. */
function nanos(micros: unknown): number {
  return Math.round((micros as number) * 1000);
}

/** Slices of a thread follow each other or are inside of each other, and come by time. */
function tracksOf(items: readonly Item[]): string[] {
  const wrong: string[] = [];
  const tracks = new Map<string, { open: Slice[]; last: number }>();
  for (const item of items) {
    if (item.ph !== "X") continue;
    const key = `${item.pid}/${item.tid}`;
    const track = tracks.get(key) ?? { open: [], last: 0 };
    tracks.set(key, track);
    const begin = nanos(item.ts);
    const slice = { begin, end: begin + nanos(item.dur), name: item.name };
    if (begin < track.last) wrong.push(`${item.name} begins before the one that stands above it`);
    track.last = begin;
    // One that ends where this one begins is over, unless this one takes no time and may stand in it.
    while (track.open.length > 0 && (track.open.at(-1) as Slice).end < slice.end) {
      const over = track.open.pop() as Slice;
      if (over.end > begin) wrong.push(`${item.name} begins in ${over.name} and ends after it`);
    }
    track.open.push(slice);
  }
  return wrong;
}

/** Beginnings and ends of one category, id and process are pairs of one name, inside of each other. */
function asyncOf(items: readonly Item[]): string[] {
  const wrong: string[] = [];
  const tracks = new Map<string, { open: string[]; last: number }>();
  for (const item of items) {
    if (!["b", "e", "n"].includes(item.ph as string)) continue;
    const key = `${item.cat}/${item.id}/${item.pid}`;
    const track = tracks.get(key) ?? { open: [], last: 0 };
    tracks.set(key, track);
    if (nanos(item.ts) < track.last) wrong.push(`${item.name} of ${key} goes back in time`);
    track.last = nanos(item.ts);
    if (item.ph === "b") track.open.push(item.name as string);
    else if (track.open.length === 0) wrong.push(`${item.name} of ${key} is in nothing`);
    else if (item.ph === "e") {
      const begun = track.open.pop();
      if (begun !== item.name) wrong.push(`${item.name} of ${key} ends, ${begun} had begun`);
    }
  }
  for (const [key, { open }] of tracks) if (open.length > 0) wrong.push(`${open} of ${key} does not end`);
  return wrong;
}

/** An arrow leads from one slice to one that begins no earlier. */
function flowsOf(items: readonly Item[]): string[] {
  const wrong: string[] = [];
  const outs = new Map<unknown, Item>();
  const ins = new Map<unknown, Item>();
  for (const item of items) {
    for (const [flag, found] of [
      ["flow_out", outs],
      ["flow_in", ins],
    ] as const) {
      if (item[flag] !== true) continue;
      if (found.has(item.bind_id)) wrong.push(`two slices have ${flag} of ${item.bind_id}`);
      found.set(item.bind_id, item);
    }
  }
  for (const [id, out] of outs) {
    const into = ins.get(id);
    if (into === undefined) wrong.push(`the arrow ${id} leads nowhere`);
    else if (nanos(into.ts) < nanos(out.ts)) wrong.push(`the arrow ${id} leads back in time`);
  }
  for (const id of ins.keys()) if (!outs.has(id)) wrong.push(`the arrow ${id} comes from nowhere`);
  return wrong;
}
