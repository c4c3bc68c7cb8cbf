/**
 * What a loop is told about coroutines that nobody looked after.
 *
 * Lines are asked of the inspector when a report is made, and only then: they
 * cost nothing before. Who is reported when is the affair of `owned.ts`.
 */
import { errorText, suppressedBy } from "../base/index.ts";
import { definitionLine, firstUserLine, formatLocation, type Location, waitingLine } from "./location.ts";

/** What a report tells of a coroutine. */
export interface CoroutineInfo {
  readonly name: string;
  readonly id: number;
}

/** A coroutine, as far as a report looks at it. */
interface Subject extends CoroutineInfo {
  readonly _body: (...args: never[]) => unknown;
  readonly _generator: Generator<unknown, unknown, unknown> | undefined;
}

/** Where each was started, while sites are recorded: a map beside them, so that none pays while they are not. */
const sites = new WeakMap<Subject, Error>();

/** Remember the frames of `site` as the place that started `subject`. */
export function rememberSite(subject: Subject, site: Error): void {
  sites.set(subject, site);
}

/** A coroutine was still running, and nobody waited for it, when its owner ended. */
export class OrphanReport {
  readonly kind = "orphan";
  readonly orphan: CoroutineInfo;
  readonly owner: CoroutineInfo;
  /** The line at which the orphan waits; `undefined` where it cannot be known. */
  readonly waitsAt: Location | undefined;
  /** The line that started it, when sites are recorded (`recordSites`). */
  readonly startedAt: Location | undefined;
  /** Where its function is defined. */
  readonly definedAt: Location | undefined;
  readonly text: string;

  constructor(orphan: Subject, owner: Subject) {
    this.orphan = infoOf(orphan);
    this.owner = infoOf(owner);
    this.waitsAt = waitingLineOf(orphan);
    this.startedAt = siteOf(orphan);
    this.definedAt = definitionLine(orphan._body);
    this.text = [
      `orphan: ${orphan} was still running when its owner ${owner} ended, and nobody waits for it`,
      ...linesOf(this),
      `  yield it in ${owner.name}, or let it go on purpose with detach(future, reason)`,
    ].join("\n");
  }
}

/** Something failed and nobody took the error. */
export class LostErrorReport {
  readonly kind = "lost-error";
  /** What failed; `undefined` for a Future that no coroutine made. */
  readonly coroutine: CoroutineInfo | undefined;
  /** Who started it; `undefined` when it had no owner, or outlived it. */
  readonly owner: CoroutineInfo | undefined;
  readonly error: unknown;
  readonly startedAt: Location | undefined;
  readonly definedAt: Location | undefined;
  readonly text: string;

  constructor(error: unknown, failed?: Subject, owner?: Subject) {
    this.coroutine = failed === undefined ? undefined : infoOf(failed);
    this.owner = owner === undefined ? undefined : infoOf(owner);
    this.error = error;
    this.startedAt = failed === undefined ? undefined : siteOf(failed);
    this.definedAt = failed === undefined ? undefined : definitionLine(failed._body);
    const whose = owner === undefined ? "" : `, which ${owner} started,`;
    this.text = [
      `lost error: ${failed ?? "a Future"}${whose} failed and nobody took its error`,
      ...linesOf(this),
      ...errorLines(error),
    ].join("\n");
  }
}

/** A coroutine had not ended when its loop was closed; it was ended there, its clean-up without further waits. */
export class UnfinishedReport {
  readonly kind = "unfinished";
  readonly coroutine: CoroutineInfo;
  /** Who started it; `undefined` when it has no owner, or outlived it. */
  readonly owner: CoroutineInfo | undefined;
  readonly waitsAt: Location | undefined;
  readonly startedAt: Location | undefined;
  readonly definedAt: Location | undefined;
  readonly text: string;

  constructor(coroutine: Subject, owner: Subject | undefined) {
    this.coroutine = infoOf(coroutine);
    this.owner = owner === undefined ? undefined : infoOf(owner);
    this.waitsAt = waitingLineOf(coroutine);
    this.startedAt = siteOf(coroutine);
    this.definedAt = definitionLine(coroutine._body);
    const whose = owner === undefined ? "" : `, which ${owner} started,`;
    this.text = [
      `unfinished: ${coroutine}${whose} had not ended when its loop was closed`,
      ...linesOf(this),
    ].join("\n");
  }
}

/** What a report tells of `subject`. */
export function infoOf({ name, id }: Subject): CoroutineInfo {
  return { name, id };
}

function waitingLineOf({ _generator: generator }: Subject): Location | undefined {
  return generator === undefined ? undefined : waitingLine(generator);
}

function siteOf(subject: Subject): Location | undefined {
  const site = sites.get(subject);
  return site === undefined ? undefined : firstUserLine(site.stack ?? "");
}

interface Lines {
  readonly waitsAt?: Location | undefined;
  readonly startedAt: Location | undefined;
  readonly definedAt: Location | undefined;
}

function linesOf({ waitsAt, startedAt, definedAt }: Lines): string[] {
  const lines: string[] = [];
  if (waitsAt !== undefined) lines.push(`  waits at ${formatLocation(waitsAt)}`);
  if (startedAt !== undefined) lines.push(`  started at ${formatLocation(startedAt)}`);
  else if (definedAt !== undefined) lines.push(`  defined at ${formatLocation(definedAt)}`);
  return lines;
}

/** The error, and those that it carries. */
function errorLines(error: unknown, seen: Set<unknown> = new Set()): string[] {
  if (seen.has(error)) return [];
  seen.add(error);
  const own = `  ${errorText(error)}`;
  return [own, ...suppressedBy(error).flatMap((each) => errorLines(each, seen))];
}
