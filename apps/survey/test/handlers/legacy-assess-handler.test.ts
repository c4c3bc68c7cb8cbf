import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { type Location, OrphanReport, sleep } from "gyre";
import { makeApplication } from "../../src/handlers/routes.ts";
import { stormSurvey } from "../../src/model/index.ts";
import type { SimulatedIOOptions } from "../../src/stores/index.ts";
import {
  cachedAnswer,
  queueEntries,
  runWorld,
  storedRespondent,
  stormAnswers,
  submitRequest,
  submitThree,
} from "./world.ts";

type Latency = NonNullable<SimulatedIOOptions["latencyMs"]>;

const legacyPath = "/legacy/s/storm25";
const [photos, video, letter] = stormSurvey.questions.filter(({ kind }) => kind === "upload");

/** Each takes time to rename, as a file server does; and whatever else happens, the cache gets the old answer. */
const delays: Record<string, Latency> = {
  "every operation takes 5 ms": 5,
  "only renames take time": (operation) => (operation === "objects.rename" ? 1 : 0),
  "renames take longer, one after the other": (operation, key) =>
    operation === "objects.rename" ? 100 * (1 + (Number.parseInt(key.slice(-2), 16) % 7)) : 2,
  "the cache is slower than a rename": (operation, key) =>
    operation === "objects.rename" ? 3 : key.startsWith("assess_total_answer") ? 900 : 1,
};

/** As long as the post method runs, the renames do. */
const slowRename: Latency = (operation) => (operation === "objects.rename" ? 400 : 5);

/** Where `text` stands in a file of the service, as the only place. */
function lineOf(file: string, text: string): { file: string; line: number } {
  const path = fileURLToPath(new URL(`../../src/${file}`, import.meta.url));
  const lines = readFileSync(path, "utf8").split("\n");
  const found = lines.flatMap((line, at) => (line.includes(text) ? [at + 1] : []));
  assert.equal(found.length, 1, `${text} stands at lines ${found.join(", ")}`);
  return { file: path, line: found[0] as number };
}

function placeOf(location: Location | undefined): { file: string; line: number } {
  assert.ok(location);
  return { file: location.file, line: location.line };
}

describe("LegacyAssessHandler", () => {
  for (const [name, latencyMs] of Object.entries(delays)) {
    it(`caches the old total answer when ${name}`, () => {
      runWorld({ latencyMs, hasReports: true }, function* (world) {
        const { respondent } = yield* submitThree(world, legacyPath);
        yield* sleep(60_000);
        const { totalAnswer } = yield* cachedAnswer(world, respondent.oid);
        const stored = yield* storedRespondent(world, respondent.oid);
        for (const question of [photos, video, letter]) {
          const cached = Object.values(totalAnswer[question?.oid ?? ""] ?? {}).join();
          const later = Object.values(stored.answer[question?.oid ?? ""] ?? {}).join();
          assert.match(cached, /^uploads\/storm-damage-2025\//);
          assert.match(later, new RegExp(`^1-${question?.cid}-(roof|clip|letter)-\\d{6}\\.`));
        }
      });
    });
  }

  it("reports each rename as an orphan of its post method, with the lines that start it and that wait", () => {
    const waits = lineOf("service/rename-upload-file.ts", "yield new Task(renameUploadFileFunc");
    const starts = lineOf("service/upload-file-handle.ts", "= renameUploadFile(tools, {");
    const { reports } = runWorld({ latencyMs: slowRename, hasReports: true }, function* (world) {
      yield* submitThree(world, legacyPath);
    });
    assert.equal(reports.length, 3);
    for (const report of reports) {
      assert.ok(report instanceof OrphanReport);
      assert.equal(report.orphan.name, "renameUploadFile");
      assert.equal(report.owner.name, "LegacyAssessHandler.post");
      assert.deepEqual(placeOf(report.waitsAt), waits);
      assert.deepEqual(placeOf(report.startedAt), starts);
      assert.match(
        report.text,
        /^orphan: renameUploadFile #\d+ was still running when its owner LegacyAssessHandler\.post #\d+ ended/,
      );
    }
  });

  it("is reported with the lines that the README shows", () => {
    const readme = readFileSync(fileURLToPath(new URL("../../README.md", import.meta.url)), "utf8");
    const { reports } = runWorld({ latencyMs: slowRename, hasReports: true }, function* (world) {
      yield* submitThree(world, legacyPath);
    });
    // Ids differ from run to run, and files are named from where the program was started.
    const bare = (text: string): string => text.replace(/#\d+/g, "#N").replace(/at \S*src\//g, "at src/");
    const [first = "", ...rest] = bare(reports[0]?.text ?? "").split("\n");
    // The log puts time and level in front of the first line, and indents the others.
    assert.ok(bare(readme).includes(` warn  ${first}\n  ${rest.join("\n  ")}\n`), reports[0]?.text);
  });

  it("still renames and queues behind the answer, as the old logic did", () => {
    runWorld({ latencyMs: slowRename, hasReports: true }, function* (world) {
      const { respondent } = yield* submitThree(world, legacyPath);
      assert.deepEqual(yield* queueEntries(world), []);
      yield* sleep(60_000);
      const entries = yield* queueEntries(world);
      assert.deepEqual(
        entries.map((entry) => entry.split("||").slice(0, 3)).sort(),
        [photos, video].map((question) => ["neighbourhood", question?.oid, respondent.oid]),
      );
    });
  });

  it("does not exist unless it is asked for", () => {
    runWorld({}, function* ({ service }) {
      const response = yield* makeApplication(service).request(submitRequest(stormAnswers(), legacyPath));
      assert.equal(response.status, 404);
    });
  });
});
