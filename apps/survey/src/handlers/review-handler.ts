/** `GET /review`: the queue for a person. `POST /review`: what was decided. */
import type { CoroutineGenerator } from "gyre";
import { type Decision, formatReviewTask, parseReviewTask, type ReviewTask } from "../model/index.ts";
import { RefusedError } from "../service/refused-error.ts";
import { fileUrl, reviewPage, reviewUrl } from "../views/index.ts";
import { SurveyHandler } from "./survey-handler.ts";

/** Files on one page. */
const pendingLimit = 20;
const decidedLimit = 20;

export class ReviewHandler extends SurveyHandler {
  *get(): CoroutineGenerator<void> {
    const { reviews } = this.service;
    const pending = yield* reviews.pending(pendingLimit);
    const pendingCount = yield* reviews.pendingCount();
    const decided = yield* reviews.decided(decidedLimit);
    if (!this.wantsJson) {
      this.write(reviewPage({ pending, pendingCount, decided }));
      return;
    }
    const described = <T extends { task: ReviewTask }>({ task, ...rest }: T) => ({
      task: formatReviewTask(task),
      url: fileUrl(task.file.key),
      ...rest,
    });
    this.write({ pendingCount, pending: pending.map(described), decided: decided.map(described) });
  }

  *post(): CoroutineGenerator<void> {
    const { task, decision } = this.readDecision();
    const { decidedAtMs } = yield* this.service.reviews.decide(task, decision);
    if (this.wantsJson) this.write({ task: formatReviewTask(task), decision, decidedAtMs });
    else this.redirect(reviewUrl, { status: 303 });
  }

  private readDecision(): { task: ReviewTask; decision: Decision } {
    const given = this.request.contentType === "application/json" ? this.json() : undefined;
    const field = (name: string): string => {
      const value =
        given === undefined ? this.getBodyArgument(name) : (given as Record<string, unknown> | null)?.[name];
      if (typeof value === "string") return value;
      throw new RefusedError(
        "BAD_REQUEST",
        `Cannot read the decision: "${name}" is missing, a text is wanted`,
        {
          field: name,
        },
      );
    };
    const line = field("task");
    const decision = field("decision");
    if (decision !== "approved" && decision !== "rejected") {
      const message = `Cannot read the decision: it is "${decision}", "approved" or "rejected" is wanted`;
      throw new RefusedError("BAD_REQUEST", message, { field: "decision" });
    }
    try {
      return { task: parseReviewTask(line), decision };
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw new RefusedError("BAD_REQUEST", error.message, { field: "task", cause: error });
    }
  }
}
