"""Long work on Deluge's reactor, a few milliseconds at a time."""

import logging
import time

from twisted.internet import reactor

log = logging.getLogger(__name__)

# Seconds of work between which the reactor does everything else.
SLICE = 0.008


def harmless(error):
    """Whether it is ours to catch: also a panic of the native module, which is no Exception, but not a wish to end."""
    return not isinstance(error, (KeyboardInterrupt, SystemExit, GeneratorExit))


class Slices:
    """Does one thing after the other on the reactor, and lets it breathe."""

    def __init__(self):
        self.longest = 0.0
        self.ended = False

    def run(self, steps, then):
        """Goes through an iterator; `then` is called with None or with what it raised."""
        if self.ended:
            then(RuntimeError('the plugin is being disabled'))
            return
        start = time.monotonic()
        error = None
        try:
            for _ in steps:
                if time.monotonic() - start >= SLICE:
                    reactor.callLater(0, self.run, steps, then)
                    return
        except BaseException as caught:
            if not harmless(caught):
                raise
            error = caught
        finally:
            self.longest = max(self.longest, time.monotonic() - start)
        then(error)
