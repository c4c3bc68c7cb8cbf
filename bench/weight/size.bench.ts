/**
 * How big is the smallest program, bundled, minified and compressed?
 *
 * Each says hello by a coroutine that waits once and is run to its end. Bundled by rolldown for Node; Node's own
 * modules and gyre's optional peers stay outside. Compressed by gzip at its usual level. Each bundle is run, and has to say hello.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { tell } from "../harness.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

const programs: { readonly [name: string]: string } = {
  gyre: `
    import { coroutine, sleep } from "gyre";
    const hello = coroutine(function* (name) {
      yield* sleep(1);
      return "hello " + name;
    });
    console.log(await hello("world"));`,
  native: `
    import { setTimeout } from "node:timers/promises";
    async function hello(name) {
      await setTimeout(1);
      return "hello " + name;
    }
    console.log(await hello("world"));`,
  co: `
    import { setTimeout } from "node:timers/promises";
    import co from "co";
    const hello = co.wrap(function* (name) {
      yield setTimeout(1);
      return "hello " + name;
    });
    console.log(await hello("world"));`,
  bluebird: `
    import Bluebird from "bluebird";
    const hello = Bluebird.coroutine(function* (name) {
      yield Bluebird.delay(1);
      return "hello " + name;
    });
    console.log(await hello("world"));`,
  Effect: `
    import { Effect } from "effect";
    const hello = Effect.fnUntraced(function* (name) {
      yield* Effect.sleep(1);
      return "hello " + name;
    });
    console.log(await Effect.runPromise(hello("world")));`,
  Effection: `
    import { run, sleep } from "effection";
    function* hello(name) {
      yield* sleep(1);
      return "hello " + name;
    }
    console.log(await run(() => hello("world")));`,
  "redux-saga": `
    import { runSaga } from "redux-saga";
    import { delay } from "redux-saga/effects";
    function* hello(name) {
      yield delay(1);
      return "hello " + name;
    }
    console.log(await runSaga({}, hello, "world").toPromise());`,
};

async function bundle(program: string): Promise<string> {
  // A file name only: beside this one, so that the packages are found.
  const entry = fileURLToPath(new URL("./hello.mjs", import.meta.url));
  const bundling = await rolldown({
    input: entry,
    platform: "node",
    external: [/^node:/, "koffi", "piscina"],
    transform: { define: { "process.env.NODE_ENV": '"production"' } },
    plugins: [
      {
        name: "hello",
        resolveId: (id) => (id === entry ? entry : null),
        load: (id) => (id === entry ? program : null),
      },
    ],
  });
  const { output } = await bundling.generate({ format: "esm", minify: true });
  await bundling.close();
  return output.map((chunk) => (chunk.type === "chunk" ? chunk.code : "")).join("\n");
}

function checkRuns(name: string, code: string): void {
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", code], {
    cwd: root,
    encoding: "utf8",
  });
  if (stdout !== "hello world\n")
    throw new Error(`Cannot measure the size: the bundle of ${name} says ${stdout}${stderr}`);
}

const figures: { [name: string]: number } = {};
for (const [name, program] of Object.entries(programs)) {
  const code = await bundle(program);
  checkRuns(name, code);
  figures[name] = gzipSync(code).length / 1000;
}
tell({
  title: "hello world, bundled and gzipped",
  unit: "kB",
  figures,
  goals: [{ atMost: 10 }],
  versions: {},
  absent: [],
});
