import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { type Answer, LineReader, PROTOCOL } from "../../src/console/protocol.ts";
import { SocketServer } from "../../src/console/socket.ts";

const hello = { gyre: PROTOCOL, pid: 7, program: "app.ts", node: "v20.0.0", startedAt: "" };

describe("SocketServer", () => {
  it("answers with an error what cannot be made into one text, and goes on", async (test) => {
    const folder = mkdtempSync(join(tmpdir(), "gyre-socket-"));
    test.after(() => rmSync(folder, { recursive: true }));
    const path = join(folder, "7.sock");
    // What JSON says of a recording of 600 MB, without making one.
    const tooLong = {
      toJSON: () => {
        throw new RangeError("Invalid string length");
      },
    };
    const server = new SocketServer(hello, async (ask) => (ask === "recording" ? tooLong : "short"));
    await server.listen(path);
    test.after(() => server.close());
    const lines: string[] = [];
    await new Promise<void>((resolve) => {
      const socket = connect(path).setEncoding("utf8");
      const reader = new LineReader((line) => {
        if (lines.push(line) === 3) socket.end(resolve);
      });
      socket.on("data", (text: unknown) => reader.push(text as string));
      socket.write('{"id":1,"ask":"recording"}\n{"id":2,"ask":"stack"}\n');
    });
    const [, ...answers] = lines.map((line) => JSON.parse(line) as Answer);
    assert.deepEqual(
      answers.sort((one, other) => one.id - other.id),
      [
        { id: 1, error: 'Cannot answer "recording": Invalid string length' },
        { id: 2, ok: "short" },
      ],
    );
  });
});
