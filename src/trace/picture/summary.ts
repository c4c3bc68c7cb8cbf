/** How one request spent its time: running, or waiting, and on what. */
import type { Actor, ActorState, Cast, Wait } from "./actor.ts";
import type { Summary } from "./model.ts";
import { formatTime, type TimeUnit } from "./time.ts";

/** A second thing waited on is told from this share on. */
const TOLD_FROM = 0.1;

interface Life {
  state: ActorState;
  wait: Wait | undefined;
}

/** What `root` and all that it started did, from its start to its end. */
export function summarize(cast: Cast, root: Actor, unit: TimeUnit): Summary {
  const lives = new Map<number, Life>();
  const below = new Set<Actor>();
  for (const actor of cast.actors.values()) {
    if (actor === root || (actor.owner !== undefined && below.has(actor.owner))) below.add(actor);
  }
  let running = 0;
  const enter = (id: number, state: ActorState): Life => {
    const life = lives.get(id) ?? { state: "none", wait: undefined };
    running += Number(state === "running") - Number(life.state === "running");
    life.state = state;
    lives.set(id, life);
    return life;
  };
  for (const actor of below) enter(actor.work.id, actor.atFirst);
  let busyUs = 0;
  const waitedUs = new Map<string, number>();
  let firstUs: number | undefined = root.atFirst === "none" ? undefined : (cast.events[0]?.atUs ?? 0);
  let lastUs = firstUs ?? 0;
  for (const event of cast.events) {
    const actor = event.id === undefined ? undefined : cast.actors.get(event.id);
    if (actor === undefined || !below.has(actor)) continue;
    if (firstUs === undefined) {
      firstUs = event.atUs;
    } else {
      const passedUs = event.atUs - lastUs;
      const topic = running > 0 ? undefined : topicOf(root.work.id, lives);
      if (running > 0) busyUs += passedUs;
      else if (topic !== undefined) waitedUs.set(topic, (waitedUs.get(topic) ?? 0) + passedUs);
    }
    lastUs = event.atUs;
    const id = actor.work.id;
    if (event.kind === "start" || event.kind === "step") enter(id, "running").wait = undefined;
    else if (event.kind === "wait") enter(id, "waiting").wait = cast.waits.waits.get(event);
    else if (event.kind === "wake") enter(id, "waiting").wait = undefined;
    else if (event.kind === "end") enter(id, "none");
    if (actor === root && event.kind === "end") break;
  }
  const totalUs = lastUs - (firstUs ?? lastUs);
  const text = [
    `busy ${formatTime(busyUs, unit)} ${unit.name} of ${formatTime(totalUs, unit)}`,
    ...shares(waitedUs, totalUs),
  ].join(", ");
  return { lane: root.lane, subject: `${root.work.name} #${root.work.id}`, text };
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
  const seen = new Set<number>();
  let topic: string | undefined;
  for (let next: number | undefined = id; next !== undefined && !seen.has(next); ) {
    seen.add(next);
    const wait: Wait | undefined = lives.get(next)?.wait;
    if (wait === undefined) return topic;
    topic = wait.topic;
    next = wait.ids.find((one) => (lives.get(one)?.state ?? "none") !== "none");
  }
  return topic;
}
