/**
 * The life of one request, from the head to the end of the response.
 *
 * It is a coroutine of its own, named after the route, without an owner. What
 * the handler's methods start belongs to the coroutine of the method, so that a
 * report names "UploadHandler.post".
 *
 * Source: Tornado `RequestHandler._execute`.
 */
import { CancelledError, describe } from "../base/index.ts";
import type { CoroutineGenerator } from "../gen/index.ts";
import type { HandlerClass, RequestHandler } from "./handler.ts";
import { ConnectionClosedError, Finish, HTTPError } from "./http-error.ts";
import { allowedMethods, findMethod, findStep, type Step } from "./methods.ts";

/** What the router found out. */
export interface Plan {
  readonly options: object;
  readonly pathArguments: readonly string[];
  /** Answered instead of the handler's method: nothing matched, or the path cannot be read. */
  readonly failure: unknown;
}

/** Live through the request that `handler` was made for. Never throws. */
export function* execute(handler: RequestHandler, plan: Plan): CoroutineGenerator<void> {
  try {
    yield* answer(handler, plan);
  } catch (error) {
    yield* answerFailure(handler, error);
  }
}

function* answer(handler: RequestHandler, plan: Plan): CoroutineGenerator<void> {
  const { request } = handler;
  const { streamBody } = handler.constructor as unknown as HandlerClass;
  handler.pathArguments = plan.pathArguments;
  handler.clear();
  handler.initialize(plan.options);
  if (plan.failure !== undefined) throw plan.failure;
  const method = findMethod(handler, request.method);
  if (method === undefined) {
    throw new HTTPError(405, `Cannot ${request.method} this: the method is not allowed here`, {
      headers: { Allow: allowedMethods(handler) },
    });
  }
  if (!streamBody && !request.stream.ended) request.body = yield* request.stream.readAll();
  yield* take(handler, findStep(handler, "prepare") as Step, []);
  if (handler.finished) return;
  yield* take(handler, method, plan.pathArguments);
  if (handler.finished) return;
  if (handler._ending.autoFinish) handler.finish();
  else yield* handler._ending.ended;
}

/** Run one method of the handler and wait for it; it can be cancelled meanwhile. */
function* take(handler: RequestHandler, step: Step, args: readonly unknown[]): CoroutineGenerator<void> {
  const running = step.apply(handler, [...args]);
  handler._ending.step = running;
  let result: unknown;
  try {
    result = yield* running;
  } finally {
    handler._ending.step = undefined;
  }
  if (result === undefined) return;
  throw new TypeError(
    `Cannot end "${running}": it returned ${describe(result)}, nothing is wanted (was write() meant?)`,
  );
}

function* answerFailure(handler: RequestHandler, error: unknown): CoroutineGenerator<void> {
  const { log } = handler.application;
  if (error instanceof Finish) {
    try {
      if (!handler.finished) handler.finish(error.chunk);
    } catch (second) {
      yield* answerFailure(handler, second);
    }
    return;
  }
  const left = error instanceof CancelledError || error instanceof ConnectionClosedError;
  const stopped = error instanceof CancelledError && error.reason instanceof ConnectionClosedError;
  if (stopped || (left && handler.connectionClosed)) {
    // Nobody is there to be told, and nothing went wrong here.
    handler._ending.abort();
    return;
  }
  handler._ending.failure = error;
  try {
    handler.logException(error);
  } catch (second) {
    log.error(`Error in logException of ${handler.constructor.name}`, second);
  }
  if (handler.finished) return;
  if (handler.headersSent) {
    handler._ending.abort();
    return;
  }
  const status = error instanceof HTTPError ? error.status : 500;
  try {
    handler.clear();
    if (error instanceof HTTPError) {
      handler.setStatus(status, error.reason);
      for (const [name, value] of Object.entries(error.headers)) handler.setHeader(name, value);
    } else handler.setStatus(status);
    yield* take(handler, findStep(handler, "writeError") as Step, [status, error]);
    if (!handler.finished) handler.finish();
  } catch (second) {
    log.error(`Error in writeError of ${handler.constructor.name}`, second);
    if (handler.finished) return;
    if (handler.headersSent) handler._ending.abort();
    else handler._ending.finishBare(status);
  }
}
