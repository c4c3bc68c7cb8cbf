/**
 * Signals, as a thread hears them that is not the main one.
 *
 * Node tells the main thread only, by a function that cannot run while something blocks there. The system and libuv
 * tell every thread that listens; what Node itself listens by is among its internals, which this thread was started
 * with (`--expose-internals`, see `console.ts`), and no other thread is.
 */
import { createRequire } from "node:module";
import { constants } from "node:os";

interface Handle {
  onsignal: () => void;
  unref(): void;
  start(signal: number): number;
  close(): void;
}

interface Bindings {
  internalBinding(name: "signal_wrap"): { readonly Signal: new () => Handle };
}

/** Hear of `signal` from now on, beside the main thread. @returns what ends it; `undefined` where this Node cannot */
export function onThreadSignal(signal: NodeJS.Signals, heard: () => void): (() => void) | undefined {
  const Signal = findSignal();
  if (Signal === undefined) return undefined;
  const handle = new Signal();
  handle.onsignal = heard;
  handle.unref();
  if (handle.start(constants.signals[signal]) === 0) return () => handle.close();
  handle.close();
  return undefined;
}

let found: { readonly Signal: (new () => Handle) | undefined } | undefined;

function findSignal(): (new () => Handle) | undefined {
  found ??= { Signal: loadSignal() };
  return found.Signal;
}

function loadSignal(): (new () => Handle) | undefined {
  const { emitWarning } = process;
  // It warns of its use, which the program's author can do nothing about.
  process.emitWarning = () => {};
  try {
    const bindings = createRequire(import.meta.url)("internal/test/binding") as Bindings;
    return bindings.internalBinding("signal_wrap").Signal;
  } catch {
    return undefined;
  } finally {
    process.emitWarning = emitWarning;
  }
}
