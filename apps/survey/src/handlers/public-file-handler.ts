/** `GET /static/...`: the pages' styles and scripts, with the id that every request has. */
import { label } from "gyre/trace";
import { StaticFileHandler, type StaticOptions } from "gyre/web";
import { readRequestId, requestIdHeader } from "./request-id.ts";

export class PublicFileHandler extends StaticFileHandler {
  private readonly requestId: string = readRequestId(this.request);

  override initialize(options: StaticOptions): void {
    super.initialize(options);
    label(this.requestId);
  }

  override setDefaultHeaders(): void {
    this.setHeader(requestIdHeader, this.requestId);
  }

  override summary(): string {
    return `${super.summary()} [${this.requestId}]`;
  }
}
