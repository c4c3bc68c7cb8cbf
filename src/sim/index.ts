export { SimPoller } from "./poller.ts";
