/**
 * How the service is watched: by the console's page, and by a recording that is kept in a file.
 *
 * With either the recorder is on, so that a request can be drawn afterwards.
 */
import { startConsole } from "gyre/console";
import { type Recorder, record } from "gyre/trace";
import { type ServiceOptions, UsageError } from "./options.ts";
import type { ServiceLog } from "./service/log.ts";

export interface Watching {
  /** The address of the console's page, with its token; `undefined` when there is none. */
  readonly consoleAddress: string | undefined;
  /** The same without the token, which is for who started the service alone. */
  readonly consoleUrl: string | undefined;
  /** Write the recording, and end the console. */
  stop(): Promise<void>;
}

/** Writes the recording before the end. The console listens to it too, and writes what waits to standard error. */
const saveSignal = "SIGUSR2";

/**
 * Start what `options` ask for.
 *
 * @throws {UsageError} when the file of the recording cannot be written
 */
export async function startWatching(
  { hasConsole, traceFile }: Pick<ServiceOptions, "hasConsole" | "traceFile">,
  log: ServiceLog,
): Promise<Watching> {
  const recorder = hasConsole || traceFile !== undefined ? record() : undefined;
  const keeping =
    recorder === undefined || traceFile === undefined ? undefined : keep(recorder, traceFile, log);
  const started = hasConsole ? await startConsole({ http: {} }) : undefined;
  for (const problem of started?.problems ?? []) log.warn(problem);
  return {
    consoleAddress: started?.address,
    consoleUrl: started?.address === undefined ? undefined : new URL("/", started.address).href,
    async stop() {
      recorder?.stop();
      keeping?.end();
      await started?.stop();
    },
  };
}

/** Write the recording into `path` on a signal, and at the end. */
function keep(recorder: Recorder, path: string, log: ServiceLog): { end(): void } {
  try {
    // At once, so that a wrong path is told now and not in a week.
    recorder.save(path);
  } catch (error) {
    throw new UsageError(
      `Cannot start: --trace is "${path}", a file that can be written is wanted (${(error as Error).message})`,
    );
  }
  const save = (): void => {
    try {
      recorder.save(path);
      log.info(`the recording is in ${path}`);
    } catch (error) {
      log.error(`Cannot write the recording ${path}`, error);
    }
  };
  process.on(saveSignal, save);
  return {
    end() {
      process.off(saveSignal, save);
      save();
    },
  };
}
