/** `GET /api/cache/assess_total_answer/:rid`: what is cached, and for how long. */
import type { CoroutineGenerator } from "gyre";
import { RefusedError } from "../service/refused-error.ts";
import { keys } from "../service/store-keys.ts";
import { readTotalAnswer } from "../service/total-answer-cache.ts";
import { SurveyHandler } from "./survey-handler.ts";

export class TotalAnswerHandler extends SurveyHandler {
  override get wantsJson(): boolean {
    return true;
  }

  *get(rid: string): CoroutineGenerator<void> {
    const cached = yield* readTotalAnswer(this.service.tools.stores.keyValue, rid);
    if (cached === undefined) {
      throw new RefusedError("NOT_FOUND", `Cannot find ${keys.totalAnswer(rid)}: nothing is cached under it`);
    }
    this.write({ key: keys.totalAnswer(rid), ...cached });
  }
}
