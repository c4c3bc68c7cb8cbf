/** The commands, each loaded when it is used: `gyre ps` must not wait for the others. */
import type { Commands } from "./command.ts";

export const commands: Commands = {
  run: async () => (await import("./run.ts")).run,
  sim: async () => (await import("./sim.ts")).sim,
  ps: async () => (await import("./ps.ts")).ps,
  tree: async () => (await import("./tree.ts")).tree,
  stack: async () => (await import("./stack.ts")).stack,
  trace: async () => (await import("./trace.ts")).trace,
  draw: async () => (await import("./draw.ts")).draw,
  view: async () => (await import("./view.ts")).view,
  completion: async () => (await import("./completion.ts")).completion,
  help: async () => (await import("./help.ts")).help,
};
