/** Answers what no route matches, in the service's own words. */
import { label } from "gyre/trace";
import { SurveyHandler } from "./survey-handler.ts";

export class NotFoundHandler extends SurveyHandler {
  /** There is no service to be given: only errors are answered. */
  override initialize(): void {
    label(this.requestId);
  }
}
