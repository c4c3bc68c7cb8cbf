/** Prints the lines of itself that gyre tells; run by tsx, with its types stripped, and out of a minified bundle. */
import { coroutine, currentCoroutine, type IOLoop, type Report, recordSites, sleep } from "gyre";
import { formatLocation, translateFrame, waitingTree } from "../../src/gen/index.ts";

// Types that a transpiler takes away, so that lines and columns of what runs are others.
interface Question {
  readonly id: number;
  readonly text: string;
}

type Answers = ReadonlyMap<Question["id"], string>;

recordSites(true);

const ask = coroutine(function* ask(question: Question): Generator<unknown, Answers, unknown> {
  yield sleep(50); // waits here
  return new Map([[question.id, question.text]]);
});

const survey = coroutine(function* survey() {
  const answers = ask({ id: 1, text: "why" }); // starts here
  const loop = (currentCoroutine() as unknown as { _loop: IOLoop })._loop;
  loop.onReport((report: Report) => {
    const { definedAt, startedAt } = report as unknown as Record<
      string,
      Parameters<typeof formatLocation>[0]
    >;
    console.log("defined", definedAt && formatLocation(definedAt));
    console.log("started", startedAt && formatLocation(startedAt));
  });
  yield sleep(1);
  const [node] = waitingTree(loop)[0]?.children ?? [];
  console.log("waits", node?.waitsAt && formatLocation(node.waitsAt));
  const [, frame = ""] = new Error("here").stack?.split("\n") ?? []; // error here
  console.log("frame", translateFrame(frame.trim()));
  return answers === undefined;
});

await survey();
