import { NodePoller } from "../../src/loop/index.ts";
import { pollerContract } from "./poller-contract.ts";

pollerContract("NodePoller", () => new NodePoller(), {
  skip: "NodePoller has no raw descriptors: they need the system's own calls, through koffi",
});
