export { Application } from "./application.ts";
export type { Arguments, FormRecord } from "./arguments.ts";
export type { BodyLimits, RequestBody } from "./body.ts";
export type { Chunk } from "./chunk.ts";
export type { CookieOptions } from "./cookies.ts";
export { encodeMultipart, type MultipartBody, type PartToSend } from "./encode-multipart.ts";
export { escapeHtml } from "./error-page.ts";
export type { BodySource, Exchange, ResponseSink } from "./exchange.ts";
export type { FileSink, Form, FormFile, FormOptions } from "./form.ts";
export { type HandlerClass, RequestHandler } from "./handler.ts";
export { HeaderMap } from "./header-map.ts";
export type { HandlerHost } from "./host.ts";
export {
  ConnectionClosedError,
  Finish,
  HTTPError,
  type HTTPErrorOptions,
  MissingArgumentError,
  ResponseStateError,
} from "./http-error.ts";
export type { WebLog } from "./log.ts";
export type { MemoryRequest, MemoryResponse } from "./memory.ts";
export { asynchronous } from "./methods.ts";
export type { FormLimits, Part } from "./multipart.ts";
export { type MultipartCode, MultipartError } from "./multipart-error.ts";
export { type ByteRange, parseRange } from "./range.ts";
export type { RedirectOptions } from "./redirect.ts";
export type { HttpRequest } from "./request.ts";
export type { RouteRow } from "./routing.ts";
export type { CloseOptions, HttpServer, ServerAddress } from "./server.ts";
export type { ApplicationSettings, Settings } from "./settings.ts";
export { type StopOnSignalsOptions, stopOnSignals } from "./signals.ts";
export { StaticFileHandler, type StaticOptions } from "./static.ts";
