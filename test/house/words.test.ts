import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { root, run } from "../../tools/setup.mjs";
import { findWords } from "../../tools/words.mjs";

/** The text files that git knows or would add. */
async function ownFiles(): Promise<string[]> {
  const listed = await run("git", [
    "ls-files",
    "-z",
    "--cached",
    "--others",
    "--exclude-standard",
    "--deduplicate",
  ]);
  assert.equal(listed.code, 0, listed.output);
  const binary = /\.(png|jpe?g|gif|ico|woff2?|zip|gz|pdf|mp4|webm)$/;
  return listed.stdout.split("\0").filter((file) => file !== "" && !binary.test(file));
}

describe("the committed files", () => {
  it("hold no paths of a machine, no registry, and no test left out without a reason", async () => {
    const files = await ownFiles();
    assert.ok(files.includes("package.json"));
    const problems = files.flatMap((file) => {
      let text: string;
      try {
        text = readFileSync(join(root, file), "utf8");
      } catch (error) {
        // Deleted, and the deletion is not committed yet.
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
        throw error;
      }
      return findWords(text, file);
    });
    if (problems.length > 0) assert.fail(problems.join("\n"));
  });
});
