/**
 * The main thread, as its console's thread sees it: somebody to interrupt.
 *
 * A question is evaluated by the inspector on top of whatever runs, an endless
 * loop included. A session is opened for one question at a time and closed
 * after it: with one open, Node would wait for a debugger at its end.
 */
import type { Session } from "node:inspector";
import { ANSWERER, type Answered, ASKING, BEGUN, ENDING, type FromConsole } from "./shared.ts";

/** How long the main thread may take to begin: it is woken at once, unless it sits in a call of the system. */
const BEGIN_MS = 1000;
/** How long an answer may take that has begun. */
const ANSWER_MS = 60_000;

interface Pending {
  readonly resolve: (json: string) => void;
  readonly reject: (error: Error) => void;
}

export class MainThread {
  readonly #state: Int32Array;
  readonly #cannot: string | undefined;
  readonly #post: (message: FromConsole) => void;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  #queue: Promise<unknown> = Promise.resolve();
  #inspector: typeof import("node:inspector") | undefined = undefined;

  /**
   * @param cannot - why it cannot be interrupted; then it is asked by messages, and answers when it is free
   * @param post - sends it a message
   */
  constructor(state: Int32Array, cannot: string | undefined, post: (message: FromConsole) => void) {
    this.#state = state;
    this.#cannot = cannot;
    this.#post = post;
  }

  /** To be called first: a thread that asks later must not wait for a module. */
  async open(): Promise<void> {
    if (this.#cannot === undefined) this.#inspector = await import("node:inspector");
  }

  /**
   * Have the main thread answer `ask`; one question after the other.
   *
   * @throws {Error} with a sentence when it cannot
   */
  ask<R>(ask: string, options: unknown = {}): Promise<R> {
    return this.#enqueue(ask, options, this.#inspector !== undefined);
  }

  /**
   * As `ask`, but between two turns of the loop: for what changes the program, which is not to happen in the midst
   * of a step.
   */
  askBetweenTurns<R>(ask: string, options: unknown = {}): Promise<R> {
    return this.#enqueue(ask, options, false);
  }

  /** Settled when nothing is being asked. */
  async idle(): Promise<void> {
    await this.#queue;
  }

  /** The answer to a question that went by message. */
  answered(id: number, json: string): void {
    this.#pending.get(id)?.resolve(json);
  }

  async #enqueue<R>(ask: string, options: unknown, interrupts: boolean): Promise<R> {
    const answer = this.#queue.then(() => this.#askNow(ask, JSON.stringify(options ?? {}), interrupts));
    this.#queue = answer.catch(() => {});
    const { ok, error } = JSON.parse(await answer) as Answered;
    if (error !== undefined) throw new Error(error);
    return ok as R;
  }

  async #askNow(ask: string, json: string, interrupts: boolean): Promise<string> {
    const id = ++this.#lastId;
    const limit = this.#limit(id, interrupts);
    try {
      const asked = interrupts ? this.#interrupt(id, ask, json) : this.#send(id, ask, json);
      return await Promise.race([asked, limit.passed]);
    } finally {
      limit.end();
      this.#pending.delete(id);
    }
  }

  #send(id: number, ask: string, json: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#post({ kind: "question", id, ask, json });
    });
  }

  async #interrupt(id: number, ask: string, json: string): Promise<string> {
    const inspector = this.#inspector as typeof import("node:inspector");
    Atomics.store(this.#state, ASKING, 1);
    let session: Session | undefined;
    try {
      // Looked at after the mark is set: the main thread sets its own and then waits for ours to go.
      if (Atomics.load(this.#state, ENDING) === 1) throw new Error("Cannot ask the process: it ends");
      session = new inspector.Session();
      session.connectToMainThread();
      return await this.#evaluate(session, id, ask, json);
    } finally {
      session?.disconnect();
      Atomics.store(this.#state, ASKING, 0);
    }
  }

  #evaluate(session: Session, id: number, ask: string, json: string): Promise<string> {
    const answerer = `globalThis[Symbol.for(${JSON.stringify(ANSWERER)})]`;
    const expression = `${answerer}(${id}, ${JSON.stringify(ask)}, ${JSON.stringify(json)})`;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      session.post("Runtime.evaluate", { expression, returnByValue: true }, (error, answer) => {
        const failure = error?.message ?? answer.exceptionDetails?.exception?.description;
        if (failure === undefined) resolve(String(answer.result.value));
        else reject(new Error(`Cannot ask the process: ${failure}`));
      });
    });
  }

  /** Ends the wait for an answer that does not begin, or does not end. */
  #limit(id: number, interrupts: boolean): { readonly passed: Promise<never>; end(): void } {
    let timer: NodeJS.Timeout | undefined;
    const passed = new Promise<never>((_resolve, reject) => {
      const fail = (error: Error): void => {
        // So that the session is closed too.
        this.#pending.get(id)?.reject(error);
        reject(error);
      };
      timer = setTimeout(() => {
        if (Atomics.load(this.#state, BEGUN) !== id) {
          fail(new Error(`Cannot ask the process: ${this.#whySilent(interrupts)}`));
          return;
        }
        timer = setTimeout(
          () => fail(new Error(`Cannot ask the process: it did not answer within ${ANSWER_MS / 1000} s`)),
          ANSWER_MS,
        );
      }, BEGIN_MS);
    });
    passed.catch(() => {});
    return { passed, end: () => clearTimeout(timer) };
  }

  #whySilent(interrupts: boolean): string {
    if (interrupts)
      return "its main thread is in a call of the system, and runs no JavaScript that could be interrupted";
    if (this.#cannot === undefined) return "its main thread is busy, and this is done between turns only";
    return `its main thread is busy, and cannot be interrupted because ${this.#cannot}`;
  }
}
