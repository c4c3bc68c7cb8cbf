/** How the measurements start redux-saga: `runSaga` without a store, and the promise of its end. */
import { runSaga, type Saga, type Task } from "redux-saga";

/** Run `saga` to its end. Errors reject, and are not written to the console too. */
export function runToEnd(saga: Saga): Promise<unknown> {
  return (runSaga({ onError: () => {} }, saga) as Task).toPromise();
}
