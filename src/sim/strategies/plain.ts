/** What the production loop would do, once. */
import type { Strategy } from "../strategy.ts";

export class Plain implements Strategy {
  readonly name = "plain";

  begin(): boolean {
    return true;
  }

  choose(): number {
    return 0;
  }

  end(): void {}
}
