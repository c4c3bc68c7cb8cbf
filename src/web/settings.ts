/** The settings of an application: what they mean, what they are if absent, and what they may be. */
import { describe } from "../base/index.ts";
import { type HandlerClass, RequestHandler } from "./handler.ts";
import { defaultLog, type WebLog } from "./log.ts";

export interface ApplicationSettings {
  /** Where errors and requests are logged; standard error and standard output if absent. */
  readonly log?: WebLog;
  /** Whose `writeError` answers when no route matches. Default `RequestHandler`. */
  readonly notFoundHandler?: HandlerClass;
  /** Cancel a handler's method when its client goes? Default false: it runs to its end. */
  readonly cancelOnClose?: boolean;
  /** Bytes of a body that is read into memory; more is a 413. Default 1 MiB. */
  readonly maxBodyBytes?: number;
  /** Fields of one query or form; more is a 400. Default 1000. */
  readonly maxFields?: number;
  /** How long a client may keep a reader of its body waiting in all, in milliseconds. Default 30,000. */
  readonly bodyTimeoutMs?: number;
  /** Each so many bytes of a body buy the client another second. Default 1024. */
  readonly minBodyBytesPerSecond?: number;
  /** Bytes of a head; more is a 431. Default 64 KiB. */
  readonly maxHeadBytes?: number;
  /** Header fields; more is a 431. Default 100. */
  readonly maxHeaders?: number;
  /** How long a client may take over a head, in milliseconds; more is a 408. Default 10,000. */
  readonly headTimeoutMs?: number;
  /** How long a connection may stay without a request, in milliseconds. Default 75,000. */
  readonly idleTimeoutMs?: number;
  /** How long a client may take nothing of its response, in milliseconds; then the connection is cut. Default 30,000. */
  readonly writeTimeoutMs?: number;
}

/** Each setting with its value. */
export type Settings = Readonly<Required<ApplicationSettings>>;

const NUMBERS = {
  maxBodyBytes: 1_048_576,
  maxFields: 1000,
  bodyTimeoutMs: 30_000,
  minBodyBytesPerSecond: 1024,
  maxHeadBytes: 65_536,
  maxHeaders: 100,
  headTimeoutMs: 10_000,
  idleTimeoutMs: 75_000,
  writeTimeoutMs: 30_000,
} satisfies ApplicationSettings;

/**
 * Fill in what is absent.
 *
 * @throws {TypeError} for a setting that is not known
 * @throws {RangeError} for a limit that is no integer above 0
 */
export function checkSettings(given: ApplicationSettings): Settings {
  const settings: Settings = {
    log: defaultLog,
    notFoundHandler: RequestHandler,
    cancelOnClose: false,
    ...NUMBERS,
    ...given,
  };
  for (const [name, value] of Object.entries(settings)) {
    if (Object.hasOwn(NUMBERS, name)) {
      if (!(Number.isSafeInteger(value) && (value as number) > 0)) {
        throw new RangeError(
          `Cannot make an application: ${name} is ${describe(value)}, an integer above 0 is wanted`,
        );
      }
    } else if (!["log", "notFoundHandler", "cancelOnClose"].includes(name)) {
      throw new TypeError(
        `Cannot make an application: there is no setting ${describe(name)}, one of ${Object.keys(settings)
          .filter((each) => each !== name)
          .join(", ")} is wanted`,
      );
    }
  }
  return settings;
}
