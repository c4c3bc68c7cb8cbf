/** The one line that runs a token again, in the way in which this process was started. */
import { basename, relative } from "node:path";
import { shellWord } from "../../base/index.ts";

/** What the command depends on, of a process. */
export interface Started {
  readonly argv: readonly string[];
  readonly execArgv: readonly string[];
  readonly execPath: string;
  readonly cwd: string;
  /** The file of tests that vitest runs here; `undefined` where it does not, empty where it does not say which. */
  readonly vitestFile: string | undefined;
}

/** @param started - default: this process */
export function replayCommand(token: string, started: Started = thisProcess()): string {
  const { argv, execArgv, execPath, cwd, vitestFile } = started;
  const inWords = (file: string): string => (file === "" ? "" : shellWord(relative(cwd, file)));
  const [, script = ""] = argv;
  // Under vitest the script is that of its worker.
  if (vitestFile !== undefined) return line(token, ["npx vitest run", inWords(vitestFile)]);
  // What the command tsx starts is Node with files of its own.
  if (execArgv.some((each) => /[\\/]tsx[\\/]dist[\\/]/.test(each)))
    return line(token, ["npx tsx", inWords(script)]);
  return line(token, [basename(execPath), ...loadingOptions(execArgv).map(shellWord), inWords(script)]);
}

/** Options that say how modules are found and read. */
const LOADING =
  /^(--import|--require|-r|--loader|--experimental-loader|--conditions|-C|--env-file|--experimental-strip-types|--experimental-transform-types|--enable-source-maps)(=|$)/;
/** Of these the next word is the value, where there is no "=". */
const WITH_VALUE = /^(--import|--require|-r|--loader|--experimental-loader|--conditions|-C|--env-file)$/;

/** Without which the file does not start. Newer Nodes hand all options there are to the processes of their test runner. */
function loadingOptions(execArgv: readonly string[]): string[] {
  return execArgv.filter((each, at) => {
    return LOADING.test(each) || (at > 0 && WITH_VALUE.test(execArgv[at - 1] as string));
  });
}

function line(token: string, words: readonly string[]): string {
  return [`GYRE_SIM_REPLAY=${token}`, ...words].join(" ").trimEnd();
}

function thisProcess(): Started {
  const { argv, execArgv, execPath, env } = process;
  const { __vitest_worker__: vitest } = globalThis as { __vitest_worker__?: { readonly filepath?: string } };
  const vitestFile = env.VITEST === undefined && vitest === undefined ? undefined : (vitest?.filepath ?? "");
  return { argv, execArgv, execPath, cwd: process.cwd(), vitestFile };
}
