/** `GET /api/queue/upload_file_check_task_queue`: the entries that wait for a person. */
import type { CoroutineGenerator } from "gyre";
import { SurveyHandler } from "./survey-handler.ts";

const entryLimit = 10_000;

export class QueueHandler extends SurveyHandler {
  override get wantsJson(): boolean {
    return true;
  }

  *get(): CoroutineGenerator<void> {
    const entries = yield* this.service.reviews.entries(entryLimit);
    const length = yield* this.service.reviews.pendingCount();
    this.write({ length, entries: entries.map(({ task }) => task) });
  }
}
