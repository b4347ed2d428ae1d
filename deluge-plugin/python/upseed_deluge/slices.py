"""Long work on Deluge's reactor, a few milliseconds at a time."""

import collections
import logging
import time

from twisted.internet import reactor

log = logging.getLogger(__name__)

# Seconds of work between which the reactor does everything else. One step more may begin just before they are over.
SLICE = 0.008


def harmless(error):
    """Whether it is ours to catch: also a panic of the native module, which is no Exception, but not a wish to end."""
    return not isinstance(error, (KeyboardInterrupt, SystemExit, GeneratorExit))


class Slices:
    """Does one thing after the other on the reactor, and lets it breathe. However much is under way, each turn of the
    reactor has one slice of it."""

    def __init__(self):
        self.longest = 0.0
        self.ended = False
        self.waiting = collections.deque()
        self.called = False

    def run(self, steps, then):
        """Goes through an iterator; `then` is called with None or with what it raised."""
        self.waiting.append((steps, then))
        self.call()

    def call(self):
        if not self.called:
            self.called = True
            reactor.callLater(0, self.turn)

    def turn(self):
        self.called = False
        start = time.monotonic()
        try:
            while self.waiting and (self.ended or time.monotonic() - start < SLICE):
                self.step()
        finally:
            self.longest = max(self.longest, time.monotonic() - start)
            if self.waiting:
                self.call()

    def step(self):
        """One step of what waited longest."""
        steps, then = self.waiting.popleft()
        if self.ended:
            then(RuntimeError('the plugin is being disabled'))
            return
        error = None
        try:
            next(steps)
            self.waiting.append((steps, then))
            return
        except StopIteration:
            pass
        except BaseException as caught:
            if not harmless(caught):
                raise
            error = caught
        then(error)
