"""What Upseed's plugin does in each turn of deluged's reactor: counted for the tests, or by the clock for `make bench`.

Everything by which Deluge, its reactor or a Deferred comes into the plugin's code on the reactor's thread is wrapped. A
turn is what the reactor does between two looks at its sockets; what the plugin does in it is added up.

Counted, a turn has `calls`: how many functions, of Python or of C, were called for the plugin, by whomever; and `steps`
and `slices` of its long work. A slice ends when its time is over, so here a step takes a certain time by a clock that
only steps move: how many fit into a slice depends on no processor.

By the clock, `held` is without what Python needed to collect the whole daemon's garbage (it does that whoever is at work,
and beside 3,000 torrents needs a tenth of a second). A part of it is `busy`, with a processor. Another, `waited`, passed
while this thread or one of Deluge's libtorrent, on which it may wait, could have run but others had the processors: on a
quiet machine there is hardly any. What is left without it is `blocked`: ours on any machine.
"""

import contextlib
import functools
import gc
import importlib
import os
import sys
import threading
import time
import types

from twisted.internet import defer, reactor

OURS = 'upseed_deluge'
MODULES = ('client', 'core', 'labels', 'questions', 'slices', 'stream')
# Steps that fit into a slice while they are counted.
STEPS = 10


class Turns:
    def __init__(self):
        self.thread = threading.get_ident()
        self.counting = True
        self.stepped = 0
        # Deluge's own threads: they are there before Upseed's plugin brings others.
        tasks = '/proc/self/task'
        self.schedules = {os.open(f'{tasks}/{task}/schedstat', os.O_RDONLY): 0.0 for task in os.listdir(tasks)}
        self.inside = False
        # What Python's collections of garbage took, by the clock and with a processor.
        self.collected = self.collecting = (0.0, 0.0)
        self.forget()
        self.undo = []

    def forget(self):
        self.turns = 0
        self.now = Taken()
        self.worst = Taken()
        self.busiest = self.blocked = 0.0
        self.calls = self.steps = self.slices = 0
        self.most = {}

    # --- Wrapping ---

    def begin(self):
        gc.callbacks.append(self.on_garbage)
        self.count_slices()
        for name in MODULES:
            module = importlib.import_module(f'{OURS}.{name}')
            for kind in vars(module).values():
                if isinstance(kind, type) and kind.__module__ == module.__name__:
                    for key, value in list(vars(kind).items()):
                        if isinstance(value, types.FunctionType):
                            self.put(kind, key, self.wrapped(value))
        for key in ('addCallback', 'addErrback', 'addBoth', 'addCallbacks'):
            self.put(defer.Deferred, key, self.wrapping(getattr(defer.Deferred, key)))
        for key in ('callLater', 'callFromThread'):
            self.put(reactor, key, self.wrapping(getattr(reactor, key)))
        self.put(reactor, 'runUntilCurrent', self.each_turn(reactor.runUntilCurrent))

    def count_slices(self):
        slices = importlib.import_module(f'{OURS}.slices')
        step, turn = slices.Slices.step, slices.Slices.turn

        @functools.wraps(step)
        def counted_step(*arguments):
            self.stepped += 1
            self.now.steps += 1
            return step(*arguments)

        @functools.wraps(turn)
        def counted_turn(*arguments):
            self.now.slices += 1
            return turn(*arguments)

        self.put(slices.Slices, 'step', counted_step)
        self.put(slices.Slices, 'turn', counted_turn)
        self.put(slices, 'time', Clock(lambda: self.stepped * slices.SLICE * 1.001 / STEPS if self.counting else time.monotonic()))

    def by_the_clock(self):
        """From now on nothing is counted, and slices have their time by the real clock."""
        self.counting = False
        self.forget()

    def put(self, where, key, value):
        there = key in vars(where)
        before = getattr(where, key)
        self.undo.append(lambda: setattr(where, key, before) if there else delattr(where, key))
        setattr(where, key, value)

    def end(self):
        for undo in reversed(self.undo):
            undo()
        self.undo = []
        gc.callbacks.remove(self.on_garbage)
        for schedule in self.schedules:
            os.close(schedule)

    def wrapping(self, method):
        """A method that takes callables: those of the plugin's it takes wrapped."""

        @functools.wraps(method)
        def call(*arguments, **named):
            arguments = [self.wrapped(one) if is_ours(one) else one for one in arguments]
            named = {key: self.wrapped(one) if is_ours(one) else one for key, one in named.items()}
            return method(*arguments, **named)

        return call

    def wrapped(self, function):
        @functools.wraps(function)
        def call(*arguments, **named):
            if self.inside or threading.get_ident() != self.thread:
                return function(*arguments, **named)
            self.inside = True
            taken, measure = Taken(), self.counted if self.counting else self.timed
            try:
                with measure(taken):
                    return function(*arguments, **named)
            finally:
                self.inside = False
                self.now.add(taken)
                name = getattr(function, '__qualname__', str(function))
                if name not in self.most or taken.size() > self.most[name].size():
                    self.most[name] = taken

        return call

    # --- Measuring ---

    @contextlib.contextmanager
    def counted(self, taken):
        def on_event(_frame, event, _about):
            if event in ('call', 'c_call'):
                taken.calls += 1

        sys.setprofile(on_event)
        try:
            yield
        finally:
            sys.setprofile(None)

    @contextlib.contextmanager
    def timed(self, taken):
        waited, before = self.waited(), self.read()
        try:
            yield
        finally:
            taken.held, taken.busy = (now - then for now, then in zip(self.read(), before))
            taken.waited = self.waited() - waited

    def read(self):
        return tuple(now - garbage for now, garbage in zip(clocks(), self.collected))

    def waited(self):
        for schedule in self.schedules:
            # A thread may have ended.
            with contextlib.suppress(ProcessLookupError):
                self.schedules[schedule] = int(os.pread(schedule, 100, 0).split()[1]) / 1e9
        return sum(self.schedules.values())

    def on_garbage(self, phase, _info):
        if threading.get_ident() != self.thread:
            return
        if phase == 'start':
            self.collecting = clocks()
        else:
            self.collected = tuple(
                sum_ + now - then for sum_, now, then in zip(self.collected, clocks(), self.collecting)
            )

    def each_turn(self, run):
        @functools.wraps(run)
        def turn():
            if self.now.size():
                self.turns += 1
                self.calls = max(self.calls, self.now.calls)
                self.steps = max(self.steps, self.now.steps)
                self.slices = max(self.slices, self.now.slices)
                self.busiest = max(self.busiest, self.now.busy)
                self.blocked = max(self.blocked, self.now.held - self.now.waited)
                if self.now.held > self.worst.held:
                    self.worst = self.now
                self.now = Taken()
            return run()

        return turn

    def told(self):
        """The most that a turn had since this was asked last, and the entries that took most."""
        longest = sorted(self.most.items(), key=lambda item: -item[1].size())[:5]
        told = {
            'turns': self.turns,
            'calls': self.calls,
            'steps': self.steps,
            'slices': self.slices,
            'worst': vars(self.worst),
            'busiest': self.busiest,
            'blocked': self.blocked,
            'entries': [dict(vars(taken), name=name) for name, taken in longest],
        }
        self.forget()
        return told


class Taken:
    def __init__(self):
        self.held = self.busy = self.waited = 0.0
        self.calls = self.steps = self.slices = 0

    def size(self):
        return self.calls or self.held

    def add(self, other):
        for key, value in vars(other).items():
            setattr(self, key, getattr(self, key) + value)


class Clock:
    """Stands for the module `time` in the plugin."""

    def __init__(self, monotonic):
        self.monotonic = monotonic


def clocks():
    return time.monotonic(), time.thread_time()


def is_ours(one):
    return callable(one) and str(getattr(one, '__module__', '')).startswith(OURS)
