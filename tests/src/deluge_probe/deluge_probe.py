"""A plugin for the tests, beside Upseed's egg in a real deluged: it runs the client port's contract on that daemon's
own TorrentManager, and counts or measures what its reactor does in a turn."""

import base64
import gc
import glob
import os
import sys
import time

import deluge.component as component
from deluge.configmanager import get_config_dir
from deluge.core.rpcserver import export
from deluge.event import TorrentStateChangedEvent
from deluge.plugins.init import PluginInitBase
from deluge.plugins.pluginbase import CorePluginBase
from twisted.internet import defer, reactor, task, threads

from deluge_turns import Turns

STEP = 0.005


class Core(CorePluginBase):
    def enable(self):
        self.wall = self.busy = self.collected = self.collecting = 0.0
        self.before = time.monotonic(), time.thread_time()
        gc.callbacks.append(self.collect)
        from_the_egg()
        self.turns = Turns()
        self.turns.begin()
        self.tick()

    def collect(self, phase, _info):
        if phase == 'start':
            self.collecting = time.thread_time()
        else:
            self.collected += time.thread_time() - self.collecting

    def tick(self):
        now = time.monotonic(), time.thread_time()
        self.wall = max(self.wall, now[0] - self.before[0] - STEP)
        self.busy = max(self.busy, now[1] - self.before[1] - self.collected)
        self.collected = 0.0
        self.before = now
        self.call = reactor.callLater(STEP, self.tick)

    def disable(self):
        gc.callbacks.remove(self.collect)
        self.turns.end()
        self.call.cancel()

    @export
    def by_the_clock(self):
        """For `make bench`: from now on turns are measured, not counted."""
        self.turns.by_the_clock()
        self.wall = self.busy = 0.0

    @export
    def gap(self):
        """What a turn was at most since this was last asked: by the clock and by the processor, in seconds, without
        Python's own collections of garbage; and what is ours of it."""
        told = {'wall': self.wall, 'busy': self.busy, 'ours': self.turns.told()}
        self.wall = self.busy = 0.0
        return told

    @export
    def watch(self):
        """Begins to listen as a node does, without a node."""
        from_the_egg()
        from upseed_deluge.client import Client

        self.port = Port()
        self.client = Client(lambda message: self.port.heard.append(['failed', message]))
        self.client.attach(self.port)
        self.client.begin()

    @export
    def heard(self):
        """What was heard since."""
        heard, self.port.heard = self.port.heard, []
        return heard

    @export
    def ask(self, what, about):
        """Asks as a node does."""
        answer = Answer()
        self.client.ask(what, about, answer)
        return answer.said

    @export
    def make(self, count):
        """Makes items in a thread; their infohashes."""
        from_the_egg()
        from upseed_deluge import loader

        module = loader.load(os.path.join(get_config_dir(), 'contract'))
        phrase = ' '.join(['abandon'] * 23 + ['art'])
        folder = os.path.join(component.get('Core').config['download_location'], 'upseed')

        def run():
            os.makedirs(folder, exist_ok=True)
            made = []
            for number in range(count):
                text = f'Text {number}'
                torrent = module.create(phrase, text, title=f'Item {number}', time=1_790_000_000 + number)
                item = module.inspect(torrent)
                with open(os.path.join(folder, item['name']), 'w') as file:
                    file.write(text)
                made.append((item['id'], torrent))
            return made

        def done(made):
            self.made = made
            return [item for item, _ in made]

        return threads.deferToThread(run).addCallback(done)

    @export
    def add_made(self):
        """Adds what was made, as a node would."""
        return self.ask('add', self.made)

    @export
    @defer.inlineCallbacks
    def add_made_by_hand(self):
        """Adds what was made without the plugin, each in a turn of its own, as Deluge does for whoever adds torrents."""
        core = component.get('Core')
        options = {'download_location': os.path.join(core.config['download_location'], 'upseed')}
        for torrent_id, torrent in self.made:
            yield task.deferLater(reactor, 0, lambda: None)
            core.add_torrent_file(f'{torrent_id}.torrent', base64.b64encode(torrent), options)

    @export
    def contract(self, count):
        from_the_egg()
        from upseed_deluge import loader
        from upseed_deluge.client import Client

        wrong = []
        client = Client(wrong.append)

        def run():
            loader.load(os.path.join(get_config_dir(), 'contract'))._contract(client, count)

        def done(result):
            client.stop()
            error = getattr(result, 'getErrorMessage', lambda: None)()
            return {'error': error, 'wrong': wrong, 'longest_slice': client.slices.longest}

        return threads.deferToThread(run).addBoth(done)

    @export
    def break_hooks(self):
        """Makes every torrent that Deluge adds raise in the plugin."""
        core = component.get('CorePlugin.Upseed')

        def broken(*_arguments):
            raise KeyError('broken on purpose')

        core.client.note = broken

    @export
    def count_starts(self):
        """Begins to count how often a node tries to start."""
        from_the_egg()
        from upseed_deluge.client import Client

        self.starts = 0
        attach = Client.attach

        def counted(*arguments):
            self.starts += 1
            return attach(*arguments)

        Client.attach = counted

    @export
    def started(self):
        return self.starts

    @export
    def handlers(self):
        """How many handlers of the plugin's Deluge would call."""
        managers = component.get('EventManager'), component.get('AlertManager')
        handlers = [one for manager in managers for several in manager.handlers.values() for one in several]
        return sum(getattr(one, '__module__', '').startswith('upseed_deluge') for one in handlers)

    @export
    def streams(self):
        """Pages that listen to the node."""
        return len(component.get('CorePlugin.Upseed').streams)

    @export
    def miss(self, torrent_id):
        """As Deluge misses now and then, while it loads thousands, that one has been checked."""
        component.get('TorrentManager').torrents[torrent_id].state = 'Checking'
        component.get('EventManager').emit(TorrentStateChangedEvent(torrent_id, 'Checking'))

    @export
    def disable_twice(self):
        """The second time while the first is under way; whether the node still ran when that was said to be over."""
        core = component.get('CorePlugin.Upseed')
        node = core.node
        core.disable()
        return core.disable().addCallback(lambda _: node.is_running())

    @export
    def meddle(self):
        """As another plugin that puts every torrent under its own limits while it is added."""

        def limit(torrent_id, _from_state):
            component.get('TorrentManager').torrents[torrent_id].set_options(
                {'auto_managed': True, 'stop_at_ratio': True, 'remove_at_ratio': True}
            )

        component.get('EventManager').register_event_handler('TorrentAddedEvent', limit)

    @export
    def torrent(self, torrent_id):
        torrent = component.get('TorrentManager').torrents[torrent_id]
        return {'state': torrent.state, 'options': {k: v for k, v in torrent.options.items()
                                                   if isinstance(v, (bool, int, float, str))}}


class Port:
    """Writes down what a node would be told."""

    def __init__(self):
        self.heard = []

    def __getattr__(self, name):
        return lambda *arguments: self.heard.append([name, *arguments])


class Answer:
    def __init__(self):
        self.said = defer.Deferred()

    def done(self, text):
        self.said.callback(text)

    def fail(self, reason):
        self.said.errback(RuntimeError(reason))


def from_the_egg():
    """Makes the plugin's package importable without enabling it."""
    egg, = glob.glob(os.path.join(get_config_dir(), 'plugins', 'Upseed-*.egg'))
    if egg not in sys.path:
        sys.path.insert(0, egg)


class CorePlugin(PluginInitBase):
    _plugin_cls = Core
