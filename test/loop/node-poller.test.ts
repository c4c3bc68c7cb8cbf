import assert from "node:assert/strict";
import { fstatSync, writeSync } from "node:fs";
import { after, describe, it } from "node:test";
import { NodePoller, READ } from "../../src/loop/index.ts";
import { pollerContract } from "./poller-contract.ts";
import { fill, readAll, SystemFiles, withoutDescriptors } from "./system-files.ts";

const files = new SystemFiles();
/** The other side of each socket that a test got. */
const others = new Map<number, number>();

/** A socket that can neither be read nor written: nothing came, and its other side reads nothing. */
function open(): number {
  const [fd, other] = files.sockets();
  // The loop closes it.
  files.forget(fd);
  fill(fd);
  others.set(fd, other);
  return fd;
}

function isOpen(fd: number): boolean {
  try {
    fstatSync(fd);
    return true;
  } catch {
    return false;
  }
}

pollerContract(
  "NodePoller",
  () => new NodePoller(),
  withoutDescriptors === false
    ? {
        open: () => [open(), open()],
        raise: (_poller, fd, events) => {
          const other = others.get(fd) as number;
          if (events === READ) writeSync(other, "x");
          else readAll(other);
        },
        lower: (_poller, fd) => void readAll(fd),
        isOpen: (_poller, fd) => isOpen(fd),
      }
    : { skip: withoutDescriptors },
);

after(() => files.closeAll());

describe("NodePoller", () => {
  it("asks Node for no timer that is longer than it can be, which it would warn of", (t) => {
    const warn = t.mock.method(process, "emitWarning", () => undefined);
    const poller = new NodePoller();
    poller.poll(30 * 86_400_000, () => assert.fail("the poll is answered"));
    poller.close();
    assert.equal(warn.mock.callCount(), 0);
  });
});
