"""A plugin for the tests, beside Upseed's egg in a real deluged: it runs the client port's contract on that daemon's
own TorrentManager, and measures how long its reactor was not to be had."""

import glob
import os
import sys
import time

import deluge.component as component
from deluge.configmanager import get_config_dir
from deluge.core.rpcserver import export
from deluge.plugins.init import PluginInitBase
from deluge.plugins.pluginbase import CorePluginBase
from twisted.internet import reactor, threads

STEP = 0.005


class Core(CorePluginBase):
    def enable(self):
        self.longest = 0.0
        self.before = time.monotonic()
        self.tick()

    def tick(self):
        now = time.monotonic()
        self.longest = max(self.longest, now - self.before - STEP)
        self.before = now
        self.call = reactor.callLater(STEP, self.tick)

    def disable(self):
        self.call.cancel()

    @export
    def gap(self):
        """The longest wait since it was last asked, in seconds."""
        longest, self.longest = self.longest, 0.0
        return longest

    @export
    def contract(self, count):
        egg, = glob.glob(os.path.join(get_config_dir(), 'plugins', 'Upseed-*.egg'))
        if egg not in sys.path:
            sys.path.insert(0, egg)
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
    def torrent(self, torrent_id):
        torrent = component.get('TorrentManager').torrents[torrent_id]
        return {'state': torrent.state, 'options': {k: v for k, v in torrent.options.items()
                                                   if isinstance(v, (bool, int, float, str))}}


class CorePlugin(PluginInitBase):
    _plugin_cls = Core
