/**
 * Runs the text of a program, its only argument, with the runtime's everyday names in scope.
 *
 * A file of its own, because Node runs text as a module only with flags that
 * threads inherit and then fail by.
 */
import * as gyre from "gyre";

const AsyncFunction = (async () => undefined).constructor as FunctionConstructor;
const program = new AsyncFunction(...Object.keys(gyre), "net", process.argv[2] as string);
await program(...Object.values(gyre), await import("node:net"));
