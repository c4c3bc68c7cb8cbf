/**
 * Runs the text of a program, its only argument, with the runtime's everyday names, `net`, `Worker` and `system` in scope.
 *
 * A file of its own, because Node runs text as a module only with flags that
 * threads inherit and then fail by.
 */
import net from "node:net";
import { Worker } from "node:worker_threads";
import * as gyre from "gyre";
import * as system from "./system-files.ts";

const names = { ...gyre, net, Worker, system };
const AsyncFunction = (async () => undefined).constructor as FunctionConstructor;
const program = new AsyncFunction(...Object.keys(names), process.argv[2] as string);
await program(...Object.values(names));
