/** Every store contract against every implementation. */
import { harnesses } from "./harness.ts";
import { keyValueContract } from "./key-value-contract.ts";
import { objectStoreContract } from "./object-store-contract.ts";
import { taskQueueContract } from "./task-queue-contract.ts";

for (const harness of harnesses) {
  keyValueContract(harness);
  taskQueueContract(harness);
  objectStoreContract(harness);
}
