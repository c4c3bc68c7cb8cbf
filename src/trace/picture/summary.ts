/** How one request spent its time: running, or waiting, and on what. */
import type { Actor, ActorState, Cast, Wait } from "./actor.ts";
import type { Summary } from "./model.ts";
import { formatTime, type TimeUnit } from "./time.ts";

/** A second thing waited on is told from this share on. */
const TOLD_FROM = 0.1;

interface Life {
  state: ActorState;
  wait: Wait | undefined;
  isOver: boolean;
  /** Place of its end among the events; infinite when it is not recorded. */
  readonly endsAt: number;
  /** Of those it started, and that end before it does, the one that ends last. */
  lastChild: Life | undefined;
}

/** What `root` and all that it started did, from its start to its end, or that of the recording. */
export function summarize(cast: Cast, root: Actor, unit: TimeUnit): Summary {
  const lives = new Map<number, Life>();
  const ends = placesOfEnds(cast);
  let running = 0;
  for (const actor of cast.actors.values()) {
    const owner = actor === root || actor.owner === undefined ? undefined : lives.get(actor.owner.work.id);
    if (actor !== root && owner === undefined) continue;
    const endsAt = ends.get(actor.work.id) ?? Number.POSITIVE_INFINITY;
    const life: Life = { state: actor.atFirst, wait: undefined, isOver: false, endsAt, lastChild: undefined };
    if (life.state === "running") running++;
    if (owner !== undefined && endsAt < owner.endsAt && endsAt > (owner.lastChild?.endsAt ?? -1))
      owner.lastChild = life;
    lives.set(actor.work.id, life);
  }
  const enter = (life: Life, state: ActorState, wait?: Wait): void => {
    running += Number(state === "running") - Number(life.state === "running");
    life.state = state;
    life.wait = wait;
  };
  let busyUs = 0;
  const waitedUs = new Map<string, number>();
  let firstUs: number | undefined = root.atFirst === "none" ? undefined : (cast.events[0]?.atUs ?? 0);
  let lastUs = firstUs ?? 0;
  const passTo = (atUs: number): void => {
    if (firstUs === undefined) {
      firstUs = atUs;
    } else if (running > 0) {
      busyUs += atUs - lastUs;
    } else {
      const topic = topicOf(root.work.id, lives);
      if (topic !== undefined) waitedUs.set(topic, (waitedUs.get(topic) ?? 0) + atUs - lastUs);
    }
    lastUs = atUs;
  };
  for (const event of cast.events) {
    const life = event.id === undefined ? undefined : lives.get(event.id);
    if (life === undefined) continue;
    passTo(event.atUs);
    if (event.kind === "start" || event.kind === "step") enter(life, "running");
    else if (event.kind === "wait") enter(life, "waiting", cast.waits.waits.get(event));
    else if (event.kind === "wake") enter(life, "waiting");
    else if (event.kind === "end") enter(life, "none");
    if (event.kind === "end") life.isOver = true;
    if (event.kind === "end" && event.id === root.work.id) break;
  }
  if (root.how === undefined) passTo(cast.endUs);
  const totalUs = lastUs - (firstUs ?? lastUs);
  const text = [timeInWords(busyUs, totalUs, unit), ...shares(waitedUs, totalUs)].join(", ");
  return { lane: root.lane, subject: `${root.work.name} #${root.work.id}`, text };
}

/** A step takes no time where the clock was not read at its end, so that nothing is known of it. */
function timeInWords(busyUs: number, totalUs: number, unit: TimeUnit): string {
  if (totalUs === 0) return "all within one recorded instant";
  const total = formatTime(totalUs, unit);
  if (busyUs === 0) return `${total} ${unit.name}`;
  return `busy ${formatTime(busyUs, unit)} ${unit.name} of ${total}`;
}

function shares(waitedUs: ReadonlyMap<string, number>, totalUs: number): string[] {
  const sorted = [...waitedUs].sort(([, a], [, b]) => b - a).filter(([, us]) => us >= totalUs / 100);
  const told = sorted.slice(0, 2).filter(([, us], index) => index === 0 || us >= totalUs * TOLD_FROM);
  return told.map(([topic, us], index) => {
    const percent = us === totalUs ? 100 : Math.min(Math.round((us / totalUs) * 100), 99);
    return `${percent} % ${index === 0 ? "waiting " : ""}on ${topic}`;
  });
}

/** What the coroutine waits for in the end, through those it waits for. */
function topicOf(id: number, lives: ReadonlyMap<number, Life>): string | undefined {
  const seen = new Set<Life>();
  let topic: string | undefined;
  for (let next = lives.get(id); next !== undefined && !seen.has(next); ) {
    seen.add(next);
    // It was woken and has not gone on: the loop does something else.
    if (next.wait === undefined) return next.state === "waiting" ? "its turn" : topic;
    topic = next.wait.topic;
    next = awaitedLife(next, next.wait, lives);
  }
  return topic;
}

/**
 * The one for which the wait takes as long as it does: the first to end where that is enough, else the last. Of many
 * the wait names but some: then the last child.
 */
function awaitedLife(
  life: Life,
  { ids, isForFirst, namesAll }: Wait,
  lives: ReadonlyMap<number, Life>,
): Life | undefined {
  let found: Life | undefined;
  for (const id of ids) {
    const awaited = lives.get(id);
    if (awaited === undefined || awaited.isOver) continue;
    if (found === undefined || awaited.endsAt < found.endsAt === isForFirst) found = awaited;
  }
  const last = namesAll || isForFirst ? undefined : life.lastChild;
  if (last === undefined || last.isOver || (found !== undefined && found.endsAt > last.endsAt)) return found;
  return last;
}

function placesOfEnds({ events }: Cast): Map<number, number> {
  const places = new Map<number, number>();
  for (const [place, { kind, id }] of events.entries())
    if (kind === "end" && id !== undefined) places.set(id, place);
  return places;
}
