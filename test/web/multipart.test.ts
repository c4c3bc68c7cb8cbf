import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { coroutine, type Future, sleep } from "../../src/index.ts";
import {
  encodeMultipart,
  type FileSink,
  type FormLimits,
  type FormOptions,
  HTTPError,
  MultipartError,
  type PartToSend,
  RequestHandler,
} from "../../src/web/index.ts";
import { boundaryOf } from "../../src/web/multipart.ts";
import { Simulation } from "./support.ts";

const post = { method: "POST", path: "/", headers: { Accept: "application/json" } };

/** A body of `pieces`, with `pauseMs` before each. */
function inPieces(pieces: readonly Uint8Array[], pauseMs = 0): () => Future<Uint8Array | undefined> {
  let at = 0;
  return coroutine(function* nextPiece(): Generator<unknown, Uint8Array | undefined, unknown> {
    yield sleep(pauseMs);
    return pieces[at++];
  });
}

/** A sink that writes down what happens to it. */
class RecordingSink implements FileSink<string> {
  readonly name: string;
  readonly events: string[];
  readonly #pauseMs: number;
  #bytes = 0;

  constructor(name: string, events: string[], pauseMs: number) {
    this.name = name;
    this.events = events;
    this.#pauseMs = pauseMs;
  }
  *write(chunk: Uint8Array): Generator<unknown, void, unknown> {
    yield sleep(this.#pauseMs);
    this.#bytes += chunk.length;
  }
  commit(): Future<string> {
    this.events.push(`commit ${this.name} ${this.#bytes}`);
    return coroutine(() => `object of ${this.name}`)();
  }
  *abort(error: unknown): Generator<unknown, void, unknown> {
    yield sleep(1);
    this.events.push(`abort ${this.name}: ${nameOf(error)}`);
  }
  *undo(result: string, error: unknown): Generator<unknown, void, unknown> {
    yield sleep(1);
    this.events.push(`undo ${result}: ${nameOf(error)}`);
  }
}

function nameOf(error: unknown): string {
  return (error as { code?: string }).code ?? String(error);
}

class Upload extends RequestHandler {
  static override readonly streamBody = true;
  static override readonly cancelOnClose = true;
  events: string[] = [];
  limits: Partial<FormLimits> = {};
  emptyFiles: NonNullable<FormOptions<string>["emptyFiles"]> = "refuse";
  pauseMs = 0;

  override initialize(options: object): void {
    Object.assign(this, options);
  }
  *post(): Generator<unknown, void, unknown> {
    const form = yield* this.readForm({
      onFile: (file) => new RecordingSink(file.filename ?? "", this.events, this.pauseMs),
      limits: this.limits,
      emptyFiles: this.emptyFiles,
    });
    this.write({
      fields: Object.fromEntries(form.fields),
      files: form.files.map((file) => ({ ...file })),
      title: form.get("title", ""),
    });
  }
}

function upload(options: Partial<Upload> = {}): { simulation: Simulation; events: string[] } {
  const events: string[] = [];
  return { simulation: new Simulation([["/", Upload, { events, ...options }]]), events };
}

const FORM: PartToSend[] = [
  { name: "title", body: " My title " },
  { name: "photo", filename: "a b.png", contentType: "image/png", body: Buffer.alloc(5000, "\r\n--gyre") },
  { name: "title", body: "Second" },
  { name: "empty", body: "" },
];

describe("readForm()", () => {
  it("gives the fields, and what came of each file", () => {
    const { simulation, events } = upload();
    const response = simulation.request({ ...post, multipart: FORM });
    assert.deepEqual(response.json(), {
      fields: { title: [" My title ", "Second"], empty: [""] },
      files: [
        {
          name: "photo",
          filename: "a b.png",
          contentType: "image/png",
          sizeBytes: 5000,
          result: "object of a b.png",
        },
      ],
      title: "Second",
    });
    assert.deepEqual(events, ["commit a b.png 5000"]);
    simulation.assertQuiet();
  });

  it("gives the same, however the body is cut", () => {
    const { contentType, body } = encodeMultipart(
      FORM.slice(0, 1).concat({ name: "f", filename: "f", body: "a\r\n--b\r" }),
    );
    const headers = { ...post.headers, "Content-Type": contentType };
    const { simulation } = upload();
    const whole = simulation.request({ ...post, headers, body });
    assert.equal(whole.status, 200);
    for (let at = 0; at <= body.length; at++) {
      const cut = inPieces([body.subarray(0, at), body.subarray(at)]);
      assert.deepEqual(
        simulation.request({ ...post, headers, body: cut }).json(),
        whole.json(),
        `cut at ${at}`,
      );
    }
    const bytes = inPieces([...body].map((byte) => Uint8Array.of(byte)));
    assert.deepEqual(simulation.request({ ...post, headers, body: bytes }).json(), whole.json());
    simulation.assertQuiet();
  });

  it("takes the next piece when the sink has taken the one before", () => {
    const { contentType, body } = encodeMultipart([{ name: "f", filename: "f", body: Buffer.alloc(300) }]);
    let asked = 0;
    const seen: number[] = [];
    const pieces = [body.subarray(0, 150), body.subarray(150, 250), body.subarray(250)];
    const pull = inPieces(pieces);
    class SlowUpload extends RequestHandler {
      static override readonly streamBody = true;
      *post(): Generator<unknown, void, unknown> {
        yield* this.readForm({
          onFile: () => ({
            *write(): Generator<unknown, void, unknown> {
              const before = asked;
              yield sleep(1000);
              seen.push(asked - before);
            },
            commit: () => undefined,
            abort: () => undefined,
          }),
        });
      }
    }
    const simulation = new Simulation([["/", SlowUpload]]);
    const headers = { "Content-Type": contentType };
    simulation.request({
      ...post,
      headers,
      body: () => {
        asked++;
        return pull();
      },
    });
    assert.deepEqual(seen, [0, 0, 0]);
    assert.equal(simulation.loop.time(), 3000);
    simulation.assertQuiet();
  });

  const bare = (text: string, boundary = "b"): Parameters<Simulation["request"]>[0] => ({
    ...post,
    headers: { ...post.headers, "Content-Type": `multipart/form-data; boundary=${boundary}` },
    body: text.replaceAll("\n", "\r\n"),
  });
  const part = (head: string, body = "x"): string => `--b\n${head}\n\n${body}\n--b--\n`;
  const field = (name: string): string => `Content-Disposition: form-data; name="${name}"`;

  for (const [what, request, code] of [
    ["that is no multipart", { ...post, json: {} }, "GYRE_MULTIPART_TYPE"],
    [
      "without a boundary",
      { ...post, headers: { ...post.headers, "Content-Type": "multipart/form-data" }, body: "x" },
      "GYRE_MULTIPART_BOUNDARY",
    ],
    ["with a boundary of 71 characters", bare("", "b".repeat(71)), "GYRE_MULTIPART_BOUNDARY"],
    ["that is empty", bare(""), "GYRE_MULTIPART_TRUNCATED"],
    ["that ends in the head of a part", bare("--b\nContent-"), "GYRE_MULTIPART_TRUNCATED"],
    ["that ends in a part", bare(`--b\n${field("a")}\n\nhalf`), "GYRE_MULTIPART_TRUNCATED"],
    ["that ends before its last boundary", bare(`--b\n${field("a")}\n\nx\n--b`), "GYRE_MULTIPART_TRUNCATED"],
    [
      "that begins with much else",
      bare(`${"x".repeat(9000)}\n${part(field("a"))}`),
      "GYRE_MULTIPART_MALFORMED",
    ],
    ["with text behind a boundary", bare(`--bx\n${field("a")}\n\nx\n--b--`), "GYRE_MULTIPART_MALFORMED"],
    ["with blanks behind a boundary", bare(`--b${" ".repeat(20)}\n`), "GYRE_MULTIPART_MALFORMED"],
    ["with a line that is no header", bare(part(`nonsense\n${field("a")}`)), "GYRE_MULTIPART_MALFORMED"],
    ["with a part without a disposition", bare(part("Content-Type: a/b")), "GYRE_MULTIPART_MALFORMED"],
    [
      "with a part that is an attachment",
      bare(part("Content-Disposition: attachment; name=a")),
      "GYRE_MULTIPART_MALFORMED",
    ],
    ["with a part without a name", bare(part("Content-Disposition: form-data")), "GYRE_MULTIPART_MALFORMED"],
    ["with a part of two names", bare(part(`${field("a")}; name="b"`)), "GYRE_MULTIPART_MALFORMED"],
    [
      "with a filename that is a folder",
      bare(part(`${field("a")}; filename=".."`)),
      "GYRE_MULTIPART_MALFORMED",
    ],
    [
      "with a filename* in another encoding",
      bare(part(`${field("a")}; filename*=latin1''a`)),
      "GYRE_MULTIPART_MALFORMED",
    ],
    [
      "with a part's head above the limit",
      bare(part(`${field("a")}\nX: ${"x".repeat(9000)}`)),
      "GYRE_MULTIPART_LIMIT",
    ],
    [
      "with an empty file",
      { ...post, multipart: [{ name: "f", filename: "f", body: "" }] },
      "GYRE_MULTIPART_EMPTY_FILE",
    ],
  ] as [string, Parameters<Simulation["request"]>[0], string][]) {
    it(`refuses a body ${what}`, () => {
      const { simulation, events } = upload();
      const response = simulation.request(request);
      assert.equal(response.status, 400);
      assert.equal((response.json() as { error: { code: string } }).error.code, code);
      assert.deepEqual(events, []);
      assert.equal(simulation.log.lines.length, 1);
      simulation.assertQuiet();
    });
  }

  // Security: CVE-2026-31958, at most 100 parts.
  for (const [what, limits, multipart, status] of [
    ["101 parts", {}, Array(101).fill({ name: "a", body: "" }), 400],
    ["parts beyond a limit of its own", { maxParts: 2 }, FORM, 400],
    ["too many files", { maxFiles: 0 }, FORM, 400],
    ["too many fields", { maxFields: 2 }, FORM, 400],
    ["a file that is too large", { maxFileBytes: 4999 }, FORM, 413],
    ["a field that is too large", { maxFieldBytes: 9 }, FORM, 413],
  ] as [string, Partial<FormLimits>, PartToSend[], number][]) {
    it(`refuses ${what}`, () => {
      const { simulation } = upload({ limits });
      const response = simulation.request({ ...post, multipart });
      assert.equal(response.status, status);
      assert.equal((response.json() as { error: { code: string } }).error.code, "GYRE_MULTIPART_LIMIT");
      simulation.assertQuiet();
    });
  }

  it("refuses a body that goes on for long behind its end", () => {
    const { simulation } = upload();
    const { contentType, body } = encodeMultipart(FORM);
    const more = Array<Buffer>(3).fill(Buffer.alloc(30_000));
    const headers = { ...post.headers, "Content-Type": contentType };
    assert.equal(simulation.request({ ...post, headers, body: inPieces([body, ...more]) }).status, 400);
    assert.equal(
      simulation.request({ ...post, headers, body: inPieces([body, ...more.slice(1)]) }).status,
      200,
    );
    simulation.assertQuiet();
  });

  it("allows 100 parts, and what is exactly at a limit", () => {
    const { simulation } = upload({
      limits: { maxFileBytes: 5000, maxFieldBytes: 10, maxFiles: 1, maxFields: 3 },
    });
    assert.equal(simulation.request({ ...post, multipart: FORM }).status, 200);
    const hundred = Array(100).fill({ name: "a", body: "" });
    assert.equal(upload().simulation.request({ ...post, multipart: hundred }).status, 200);
  });

  it("refuses a limit that is none", () => {
    const { simulation } = upload({ limits: { maxFile: 1 } as never });
    assert.equal(simulation.request({ ...post, multipart: FORM }).status, 500);
    assert.match(simulation.log.takeErrors().join(), /RangeError: .*the limit maxFile /);
  });

  // Security: CVE-2025-47287, one error and one log line for any number of malformed parts.
  it("stops at the first malformed part", () => {
    const { simulation } = upload();
    const response = simulation.request(bare(`${"--b\nbroken\n\n\n".repeat(100_000)}--b--`));
    assert.equal(response.status, 400);
    assert.equal(simulation.log.lines.length, 1);
    simulation.assertQuiet();
  });

  // Security: CVE-2025-67726, parameters in quadratic time.
  it("reads a disposition of many quotes", () => {
    const { simulation } = upload({ limits: { maxHeaderBytes: 1_000_000 } });
    const response = simulation.request(bare(part(`${field("a")}${';"'.repeat(50_000)}`)));
    assert.equal(response.status, 400);
  });

  it("skips empty files, or keeps them, when told", () => {
    const multipart = [{ name: "f", filename: "", body: "" }];
    const skipping = upload({ emptyFiles: "skip" });
    assert.equal(skipping.simulation.request({ ...post, multipart }).status, 200);
    assert.deepEqual(skipping.events, []);
    const keeping = upload({ emptyFiles: "keep" });
    assert.equal(keeping.simulation.request({ ...post, multipart }).status, 200);
    assert.deepEqual(keeping.events, ["commit  0"]);
  });

  it("aborts the file that is half-written, and undoes those before it", () => {
    const { simulation, events } = upload();
    const { contentType, body } = encodeMultipart([
      { name: "a", filename: "a", body: "1" },
      { name: "b", filename: "b", body: "22" },
      { name: "c", filename: "c", body: "333" },
    ]);
    const headers = { ...post.headers, "Content-Type": contentType };
    const response = simulation.request({
      ...post,
      headers,
      body: body.subarray(0, body.indexOf("333") + 2),
    });
    assert.equal(response.status, 400);
    const code = "GYRE_MULTIPART_TRUNCATED";
    assert.deepEqual(events, [
      "commit a 1",
      "commit b 2",
      `abort c: ${code}`,
      `undo object of b: ${code}`,
      `undo object of a: ${code}`,
    ]);
    simulation.assertQuiet();
  });

  it("aborts when the sink itself fails, and tells the sink's error", () => {
    const events: string[] = [];
    class Full extends RequestHandler {
      static override readonly streamBody = true;
      *post(): Generator<unknown, void, unknown> {
        yield* this.readForm({
          onFile: () => ({
            *write(): Generator<unknown, void, unknown> {
              yield sleep(1);
              throw new HTTPError(507, "No room");
            },
            commit: () => undefined,
            abort: (error) => {
              events.push(`abort: ${(error as Error).message}`);
              throw new Error("cannot remove");
            },
          }),
        });
      }
    }
    const simulation = new Simulation([["/", Full]]);
    assert.equal(simulation.request({ ...post, multipart: FORM }).status, 507);
    assert.deepEqual(events, ["abort: No room"]);
    assert.match(simulation.log.takeErrors().join(), /cannot remove/);
  });

  it("aborts when the client goes, by the cancel or by the failed read", () => {
    for (const cancelOnClose of [true, false]) {
      const events: string[] = [];
      class Leaving extends Upload {
        static override readonly cancelOnClose = cancelOnClose as true;
      }
      const simulation = new Simulation([["/", Leaving, { events }]]);
      const { contentType, body } = encodeMultipart(FORM);
      simulation.run(function* () {
        const headers = { "Content-Type": contentType };
        const pieces = inPieces([body.subarray(0, 300), body.subarray(300)], 10);
        const response = simulation.application.request({ ...post, headers, body: pieces });
        yield sleep(15);
        response.cancel();
        yield sleep(10);
      });
      assert.deepEqual(events, [
        `abort a b.png: ${cancelOnClose ? "GYRE_CANCELLED" : "GYRE_CONNECTION_CLOSED"}`,
      ]);
      simulation.assertQuiet();
    }
  });

  it("is refused in a handler that has its body in memory", () => {
    class InMemory extends RequestHandler {
      *post(): Generator<unknown, void, unknown> {
        yield* this.readForm();
      }
    }
    const simulation = new Simulation([["/", InMemory]]);
    assert.equal(simulation.request({ ...post, multipart: FORM }).status, 500);
    assert.match(simulation.log.takeErrors().join(), /static streamBody = true is wanted/);
  });
});

describe("nextPart()", () => {
  it("gives part after part, and skips what was not read", () => {
    const seen: unknown[] = [];
    class Parts extends RequestHandler {
      static override readonly streamBody = true;
      *post(): Generator<unknown, void, unknown> {
        for (let part = yield* this.nextPart(); part !== undefined; part = yield* this.nextPart()) {
          seen.push([part.name, part.filename, part.contentType]);
          if (part.name === "title") seen.push(yield* part.text());
          else seen.push((yield* part.read())?.length !== undefined);
        }
        assert.equal(yield* this.nextPart(), undefined);
      }
    }
    const simulation = new Simulation([["/", Parts]]);
    assert.equal(simulation.request({ ...post, multipart: FORM }).status, 200);
    assert.deepEqual(seen, [
      ["title", undefined, "text/plain"],
      " My title ",
      ["photo", "a b.png", "image/png"],
      true,
      ["title", undefined, "text/plain"],
      "Second",
      ["empty", undefined, "text/plain"],
      false,
    ]);
    simulation.assertQuiet();
  });

  it("fails again after a failure, as nothing behind it can be told", () => {
    const codes: string[] = [];
    class Parts extends RequestHandler {
      static override readonly streamBody = true;
      *post(): Generator<unknown, void, unknown> {
        for (let n = 0; n < 2; n++) {
          try {
            yield* this.nextPart();
          } catch (error) {
            codes.push(nameOf(error));
          }
        }
      }
    }
    const headers = { "Content-Type": "multipart/form-data; boundary=b" };
    new Simulation([["/", Parts]]).request({ ...post, headers, body: "--b\r\nbroken\r\n\r\n" });
    assert.deepEqual(codes, ["GYRE_MULTIPART_MALFORMED", "GYRE_MULTIPART_MALFORMED"]);
  });
});

describe("filenames", () => {
  const filenameOf = (parameter: string): unknown => {
    let filename: unknown;
    class Parts extends RequestHandler {
      static override readonly streamBody = true;
      *post(): Generator<unknown, void, unknown> {
        filename = (yield* this.nextPart())?.filename;
      }
    }
    const simulation = new Simulation([["/", Parts]]);
    const headers = { "Content-Type": 'multipart/form-data; charset=x; boundary="b"' };
    const body = `--b\r\nContent-Disposition: form-data; name=a; ${parameter}\r\n\r\nx\r\n--b--`;
    simulation.request({ ...post, headers, body });
    return filename;
  };
  for (const [parameter, wanted] of [
    ['filename="a.txt"', "a.txt"],
    ["filename=a.txt", "a.txt"],
    ['filename="../../etc/passwd"', "passwd"],
    ['filename="C:\\\\dir\\\\a;b.txt"', "a;b.txt"],
    ['filename="C:\\dir\\new.txt"', "new.txt"],
    ['filename="a%22b\\"c"', 'a"b"c'],
    ['filename="名前.txt"', "名前.txt"],
    ["filename=\"x\"; filename*=UTF-8''%E5%90%8D.txt", "名.txt"],
    ['filename=""', ""],
  ]) {
    it(`are read from ${parameter}`, () => {
      assert.equal(filenameOf(parameter as string), wanted);
    });
  }
});

describe("boundaryOf()", () => {
  it("reads quoted and bare boundaries", () => {
    assert.equal(boundaryOf('Multipart/Form-Data; Boundary="a b:c"'), "a b:c");
    assert.equal(boundaryOf("multipart/form-data;boundary=x-y;charset=utf-8"), "x-y");
    assert.throws(() => boundaryOf("multipart/form-data; boundary="), MultipartError);
    assert.throws(() => boundaryOf("multipart/form-dataX; boundary=a"), MultipartError);
  });
});

describe("encodeMultipart()", () => {
  it("takes a boundary that is in none of the bodies, and quotes names", () => {
    const { contentType, body } = encodeMultipart([{ name: 'a"\r\n', body: "gyre-part-0" }]);
    assert.equal(contentType, "multipart/form-data; boundary=gyre-part-1");
    assert.ok(body.includes('name="a%22%0D%0A"'));
  });
});
