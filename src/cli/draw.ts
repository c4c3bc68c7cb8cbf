/** `gyre draw`: a picture of a recording. */
import {
  type DrawFormat,
  draw as drawPicture,
  perfettoPieces,
  readRecording,
  requestsOf,
} from "../trace/index.ts";
import { type Command, OK, onlyArgument, type Parsed, parse, readNumber, UsageError } from "./command.ts";
import { checkWritable, writePieces } from "./files.ts";
import { printPiece } from "./print.ts";

const options = {
  request: { type: "string" },
  format: { type: "string" },
  json: { type: "boolean" },
  columns: { type: "string" },
  output: { type: "string", short: "o" },
} as const;

const FORMATS: readonly string[] = ["text", "ascii", "mermaid", "svg", "perfetto"];

export const draw: Command = {
  name: "draw",
  usage: "FILE",
  summary: "draw what happened in a recording",
  help: `  --request ID       of one request only: the id or label of the coroutine that it began with
  --columns N        how wide it may be, 40 to 1000: where that is too narrow for all lanes, those of what
                     was started last are folded into the lanes that started them (default: as wide as the
                     terminal, else 120)
  --format FORMAT    text (default), ascii, mermaid, svg, or perfetto (for ui.perfetto.dev; all requests)
  --json             instead of a drawing the requests that there are, as JSON: what --request takes
  -o, --output FILE  where to write it (default: standard output)`,
  options,
  async run(args) {
    const parsed = parse(args, options);
    const { values, positionals } = parsed;
    const path = onlyArgument(positionals, "FILE");
    const format = (values.format ?? "text") as string;
    if (!FORMATS.includes(format))
      throw new UsageError(`--format is "${format}", one of ${FORMATS.join(", ")} is wanted`);
    if (values.json) checkJson(parsed);
    const columns = readNumber(parsed, "columns", { fallback: usualColumns(), least: 40, most: 1000 });
    const output = values.output as string | undefined;
    if (output !== undefined) checkWritable(output, "write the drawing");
    const recording = readRecording(path);
    const request = values.request as string | undefined;
    const picture = values.json
      ? [`${JSON.stringify(requestsOf(recording), undefined, 2)}\n`]
      : format === "perfetto"
        ? perfettoPieces(recording)
        : [
            drawPicture(recording, {
              format: format as DrawFormat,
              columns,
              ...(request === undefined ? {} : { request }),
            }),
          ];
    if (recording.cutOff)
      process.stderr.write(`gyre: the recording ${path} was cut off: its end is missing\n`);
    if (output !== undefined) writePieces(output, picture, "write the drawing");
    else for (const piece of picture) await printPiece(piece);
    return OK;
  },
};

/** @throws {UsageError} for what tells how to draw, where nothing is drawn */
function checkJson({ values }: Parsed): void {
  const wrong = ["request", "format", "columns"].find((name) => values[name] !== undefined);
  if (wrong !== undefined)
    throw new UsageError(`--json lists requests and draws none, --${wrong} is for a drawing`);
}

function usualColumns(): number {
  const { columns = 120 } = process.stdout;
  return Math.min(Math.max(columns, 40), 1000);
}
