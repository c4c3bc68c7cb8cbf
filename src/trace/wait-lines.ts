/** Lines of those who wait at locks, queues and the like: who has the thing, and who comes next. */
import { Coroutine, type ExclusiveWait, exclusiveWait, type Owned } from "../gen/index.ts";
import { nameOf } from "./deadlocks.ts";
import type { WaitLine } from "./snapshot.ts";
import { inWords } from "./waits.ts";

/** Lines that are told of, and members of each, at most. */
const MOST_LINES = 100;
const MOST_MEMBERS = 20;

/** A place in a line knows its neighbours. */
interface Place extends ExclusiveWait {
  readonly _previous: Place | undefined;
  readonly _next: Place | undefined;
}

interface Found {
  readonly what: string;
  readonly name: string;
  readonly holder: object | undefined;
  readonly anyPlace: Place;
  readonly ids: Map<Place, number>;
}

/** Gather coroutines, then ask. */
export class WaitLines {
  readonly #found = new Map<object, Found>();

  /** Look where `work` stands in line, if it does. */
  add(work: Owned<unknown>): void {
    const [source] = work._awaits();
    if (source === undefined) return;
    const place = exclusiveWait(source) as Place | undefined;
    const line = place?._line;
    if (place === undefined || line === undefined) return;
    const found = this.#found.get(line);
    if (found !== undefined) {
      found.ids.set(place, work.id);
      return;
    }
    this.#found.set(line, {
      what: inWords(source, true),
      name: nameOf(source),
      holder: line.holder,
      anyPlace: place,
      ids: new Map([[place, work.id]]),
    });
  }

  /** What was found, in the order of finding. */
  toLines(): WaitLine[] {
    return [...this.#found.values()].slice(0, MOST_LINES).map(({ what, name, holder, anyPlace, ids }) => ({
      what,
      name,
      holderId: holder instanceof Coroutine ? holder.id : undefined,
      waiting: ids.size,
      waiters: inOrder(anyPlace, ids),
    }));
  }
}

function inOrder(anyPlace: Place, ids: ReadonlyMap<Place, number>): number[] {
  let first = anyPlace;
  while (first._previous !== undefined) first = first._previous;
  const waiters: number[] = [];
  for (let place: Place | undefined = first; place !== undefined; place = place._next) {
    const id = ids.get(place);
    if (id !== undefined) waiters.push(id);
    if (waiters.length === MOST_MEMBERS) break;
  }
  return waiters;
}
