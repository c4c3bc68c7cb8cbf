"""Pieces of work for Tornado's gen.coroutine, each as the *.bench.ts of its name says it.

Reads {"work", "calls", "options"} as JSON, a line each, does the work so often one after the other, and answers with the
microseconds that each took and the value of the last.
"""
import gc
import json
import sys
import time
import tracemalloc

from tornado import gen
from tornado.concurrent import Future
from tornado.ioloop import IOLoop
from tornado.queues import Queue


@gen.coroutine
def one():
    return 1


@gen.coroutine
def call(calls):
    total = 0
    for _ in range(calls):
        total += yield one()
    return total


@gen.coroutine
def wait(waits):
    add_callback = IOLoop.current().add_callback
    total = 0
    for _ in range(waits):
        future = Future()
        add_callback(future.set_result, 1)
        total += yield future
    return total


@gen.coroutine
def waiter(gate):
    value = yield gate
    return value


@gen.coroutine
def join(children):
    gate = Future()
    waiters = [waiter(gate) for _ in range(children)]
    gate.set_result(1)
    return sum((yield waiters))


@gen.coroutine
def spawn(children):
    return sum((yield [one() for _ in range(children)]))


@gen.coroutine
def recurse(depth, waits):
    if depth > 1:
        return (yield recurse(depth - 1, waits))
    total = 0
    for _ in range(waits):
        future = Future()
        future.set_result(1)
        total += yield future
    return total


@gen.coroutine
def echo(requests, replies):
    while True:
        value = yield requests.get()
        if value < 0:
            return
        replies.put_nowait(value + 1)


@gen.coroutine
def queue(rounds):
    requests, replies = Queue(), Queue()
    echoing = echo(requests, replies)
    value = 0
    for _ in range(rounds):
        requests.put_nowait(value)
        value = yield replies.get()
    requests.put_nowait(-1)
    yield echoing
    return value


def nothing():
    pass


@gen.coroutine
def timers(timers, pending):
    loop = IOLoop.current()
    ring = [loop.call_later(30, nothing) for _ in range(pending)]
    for at in range(pending, timers):
        loop.remove_timeout(ring[at % pending])
        ring[at % pending] = loop.call_later(30, nothing)
    for timeout in ring:
        loop.remove_timeout(timeout)
    return timers


class NotStored(Exception):
    pass


class Service:
    """Answers all who have asked meanwhile in one callback of the loop."""

    def __init__(self):
        self.owed = []

    def ask(self, id, step, fails):
        future = Future()
        if not self.owed:
            IOLoop.current().add_callback(self.answer)
        self.owed.append((future, id + step, fails and (id * 7 + step * 3) % 10 == 0))
        return future

    def answer(self):
        owed, self.owed = self.owed, []
        for future, value, fails in owed:
            if fails:
                future.set_exception(NotStored())
            else:
                future.set_result(value)


@gen.coroutine
def upload(service, id, steps, fails):
    try:
        total = 0
        for step in range(steps):
            total += yield service.ask(id, step, fails)
        return total
    except NotStored:
        return -1


@gen.coroutine
def doxbee(uploads, steps, fails):
    service = Service()
    results = yield [upload(service, id, steps, fails) for id in range(uploads)]
    rolled_back = results.count(-1)
    return {"committed": len(results) - rolled_back, "rolledBack": rolled_back}


@gen.coroutine
def heap(count):
    tracemalloc.start()
    gate = Future()
    waiters = [None] * count
    before, _ = tracemalloc.get_traced_memory()
    for at in range(count):
        waiters[at] = waiter(gate)
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    gate.set_result(1)
    yield waiters
    return round((after - before) / count)


WORKS = {
    "call": call,
    "wait": wait,
    "join": join,
    "spawn": spawn,
    "recurse": recurse,
    "doxbee": doxbee,
    "heap": heap,
    "queue": queue,
    "timers": timers,
}


@gen.coroutine
def measure(work, calls, options):
    start = time.perf_counter()
    for _ in range(calls):
        value = yield WORKS[work](**options)
    return {"micros": (time.perf_counter() - start) * 1e6 / calls, "value": value}


if __name__ == "__main__":
    loop = IOLoop.current()
    for line in sys.stdin:
        request = json.loads(line)
        answer = loop.run_sync(lambda: measure(request["work"], request["calls"], request["options"]))
        print(json.dumps(answer), flush=True)
