/** `GET /favicon.ico`: browsers ask for it beside a picture, which is no page and cannot name its icon. */
import { staticUrl } from "../views/index.ts";
import { SurveyHandler } from "./survey-handler.ts";

export class FaviconHandler extends SurveyHandler {
  get(): void {
    this.redirect(staticUrl("favicon.svg"));
  }
}
