import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type CoroutineGenerator, Task } from "gyre";
import { renameUploadFileFunc } from "../../src/service/rename-upload-file.ts";
import { ObjectExistsError } from "../../src/stores/index.ts";
import { runWorld, type World } from "../handlers/world.ts";

function* rename({ service }: World, answer: string): CoroutineGenerator<string> {
  return yield* new Task<string>(renameUploadFileFunc, service.renameTools, answer, 7, "Q4");
}

describe("renameUploadFileFunc()", () => {
  it("gives seq-cid-name-random.suffix, with the file's own name behind it", () => {
    runWorld({ latencyMs: 3 }, function* (world) {
      const answer = yield* world.upload("Q4", "my.roof.PNG");
      const renamed = yield* rename(world, answer);
      assert.match(renamed, /^7-Q4-my\.roof-\d{6}\.PNG\|my\.roof\.PNG$/);
      const [key = ""] = renamed.split("|");
      assert.equal((yield* world.stores.objects.info(key))?.key, key);
    });
  });

  it("takes another number when the name is taken", () => {
    runWorld({}, function* (world) {
      const taken = new ObjectExistsError("rename an object", "7-Q4-roof-100000.png");
      for (let at = 0; at < 4; at++) world.stores.io.failNext("objects.rename", taken);
      assert.match(yield* rename(world, yield* world.upload("Q4", "roof.png")), /^7-Q4-roof-\d{6}\.png\|/);
    });
  });

  it("gives up when five numbers in a row are taken", () => {
    runWorld({}, function* (world) {
      const taken = new ObjectExistsError("rename an object", "7-Q4-roof-100000.png");
      for (let at = 0; at < 5; at++) world.stores.io.failNext("objects.rename", taken);
      const answer = yield* world.upload("Q4", "roof.png");
      let failure: unknown;
      try {
        yield* rename(world, answer);
      } catch (error) {
        failure = error;
      }
      assert.equal(failure, taken);
    });
  });
});
