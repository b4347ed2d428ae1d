"""Deluge's TorrentManager as the node's client: the half that runs on Deluge's reactor.

The node asks from its own threads (`ask`), and the answer comes later. Nothing here holds the reactor for long: what
concerns many torrents is done a few milliseconds at a time.
"""

import json
import logging
import os
import re
import time

import deluge.component as component
from deluge.common import get_version
from deluge.configmanager import get_config_dir
from twisted.internet import reactor, threads

log = logging.getLogger(__name__)

# <slug>.<32 hex digits>.md: the name follows from an item's content.
NAME = re.compile(r'[a-z0-9-]{1,60}\.[0-9a-f]{32}\.md')
LABEL = 'upseed'
# Seconds of work between which the reactor does everything else.
SLICE = 0.008
# A header is 2,048 bytes at most.
MAX_HEADER = 2_048
# How often the state file is looked at again when a torrent is not in it yet.
SAVES = 8

SEEDING = {
    'auto_managed': False,
    'stop_at_ratio': False,
    'remove_at_ratio': False,
    'add_paused': False,
    'move_completed': False,
    'seed_mode': False,
    'super_seeding': False,
    'max_upload_speed': -1,
    'max_upload_slots': -1,
    'max_connections': -1,
}
PROXIES = {1: 'socks4', 2: 'socks5', 3: 'socks5', 4: 'http', 5: 'http'}


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
        except Exception as caught:
            error = caught
        finally:
            self.longest = max(self.longest, time.monotonic() - start)
        then(error)


class Client:
    """What `upseed_deluge::client` asks, and what it is told."""

    def __init__(self, failed):
        self.failed = failed
        self.port = None
        self.online = False
        self.ours = {}  # infohash: whether it seeds
        self.adding = set()
        self.removing = set()
        self.unsaved = set()
        self.slices = Slices()
        self.handlers = {}
        self.waiting = None
        self.before = None

    # --- Life ---

    def attach(self, port):
        """Called by the node when it starts, from its own thread."""
        self.port = port
        reactor.callFromThread(self.guarded(self.start))

    def start(self):
        if self.slices.ended:
            return
        events = component.get('EventManager')
        self.handlers = {
            'TorrentAddedEvent': self.guarded(self.on_added),
            'TorrentRemovedEvent': self.guarded(self.on_removed),
            'TorrentStateChangedEvent': self.guarded(self.on_state),
            'SessionStartedEvent': self.guarded(self.look),
        }
        for event, handler in self.handlers.items():
            events.register_event_handler(event, handler)
        self.describe()
        self.wait_for_session()

    def stop(self):
        """Lets go of everything; a second time there is nothing left."""
        self.slices.ended = True
        self.online = False
        if self.waiting is not None and self.waiting.active():
            self.waiting.cancel()
        self.waiting = None
        events = component.get('EventManager')
        for event, handler in self.handlers.items():
            events.deregister_event_handler(event, handler)
        self.handlers = {}

    def guarded(self, method):
        """The method, whose exceptions become a line in the status and nothing else."""

        def call(*arguments):
            try:
                return method(*arguments)
            except Exception as error:
                log.exception('Upseed')
                self.failed(f'{type(error).__name__}: {error}')

        return call

    def wait_for_session(self):
        """Deluge says SessionStarted when it has loaded its torrents, unless one of them cannot be loaded: then it says
        nothing, and it is over when nothing more comes."""
        self.waiting = None
        if self.online or self.slices.ended:
            return
        manager = component.get('TorrentManager')
        loading = len(manager.torrents_loading)
        if manager._component_state == 'Started' and (loading == 0 or self.before == loading):
            self.look()
            return
        self.before = loading
        self.waiting = reactor.callLater(1 if loading == 0 else 30, self.guarded(self.wait_for_session))

    def look(self):
        """Sees which torrents are items, a few at a time, and then is connected."""
        if self.online or self.slices.ended:
            return
        manager = component.get('TorrentManager')

        def each():
            for torrent_id in list(manager.torrents):
                torrent = manager.torrents.get(torrent_id)
                if torrent is not None and is_item(torrent):
                    self.ours[torrent_id] = torrent.state == 'Seeding'
                    self.label(torrent_id)
                yield

        def then(error):
            if error is None and not self.online:
                self.online = True
                self.save_labels()
                self.port.connected()
            elif error is not None:
                self.failed(str(error))

        self.slices.run(each(), self.guarded(then))

    def describe(self):
        from deluge._libtorrent import LT_VERSION

        warnings = []
        if component.get('Core').session.is_paused():
            warnings.append('Deluge is paused: nothing is hosted until it is resumed.')
        self.port.described(f'{get_version()} (libtorrent {LT_VERSION})', warnings)

    # --- Questions ---

    def ask(self, what, about, answer):
        """From the node's threads; returns at once."""
        reactor.callFromThread(self.answer, what, about, answer)

    def answer(self, what, about, answer):
        try:
            getattr(self, 'on_' + what)(about, answer)
        except Exception as error:
            log.exception('Upseed: %s', what)
            answer.fail(f'{type(error).__name__}: {error}')

    def on_prepare(self, ids, answer):
        manager = component.get('TorrentManager')
        missing = [torrent_id for torrent_id in ids if torrent_id not in manager.torrents]
        answer.done(json.dumps({'folder': self.folder(), 'missing': missing}))

    def folder(self):
        return os.path.join(component.get('Core').config['download_location'], 'upseed')

    def on_add(self, torrents, answer):
        """Answers with what was refused, and why, when everything else is on the disk."""
        manager = component.get('TorrentManager')
        options = dict(SEEDING, download_location=self.folder())
        refused = {}
        ids = [torrent_id for torrent_id, _ in torrents]

        def each():
            for torrent_id, torrent in torrents:
                if torrent_id in manager.torrents:
                    self.wake(manager.torrents[torrent_id])
                    yield
                    continue
                self.adding.add(torrent_id)
                self.unsaved.add(torrent_id)
                try:
                    manager.add(filedump=torrent, options=dict(options), filename=f'{torrent_id}.torrent', save_state=False)
                except Exception as error:
                    refused[torrent_id] = f'{type(error).__name__}: {error}'
                    self.unsaved.discard(torrent_id)
                else:
                    self.ours.setdefault(torrent_id, False)
                    self.label(torrent_id)
                finally:
                    self.adding.discard(torrent_id)
                yield

        def saved(error):
            for torrent_id in ids:
                self.unsaved.discard(torrent_id)
                torrent = manager.torrents.get(torrent_id)
                if torrent is not None:
                    self.note(torrent_id, torrent.state, always=True)
            if error is None:
                answer.done(json.dumps(refused))
            else:
                answer.fail(str(error))

        def added(error):
            if error is not None:
                saved(error)
                return
            self.save_labels()
            there = [i for i in ids if i not in refused]
            self.settle([i for i in there if i in self.unsaved], lambda: self.save(there, [], saved))

        self.slices.run(each(), added)

    def settle(self, ids, then, tries=100):
        """A fresh torrent counts as paused until libtorrent has begun with it, and Deluge would write that down."""
        manager = component.get('TorrentManager')
        paused = []

        def each():
            for torrent_id in ids:
                torrent = manager.torrents.get(torrent_id)
                if torrent is not None and torrent.state == 'Paused':
                    torrent.update_state()
                    if torrent.state == 'Paused':
                        paused.append(torrent_id)
                yield

        def seen(error):
            if error is not None or not paused or tries <= 1 or self.slices.ended:
                then()
            else:
                reactor.callLater(0.05, self.settle, paused, then, tries - 1)

        self.slices.run(each(), seen)

    def wake(self, torrent):
        """A vote for a torrent that is there already: it leaves Deluge's queue. What the user paused stays paused."""
        if torrent.options['auto_managed'] or torrent.options['stop_at_ratio']:
            torrent.set_options({'auto_managed': False, 'stop_at_ratio': False, 'remove_at_ratio': False})
        if torrent.state in ('Queued', 'Error'):
            # Queued is paused and managed; it was taken out of the management above.
            torrent.handle.clear_error()
            torrent.handle.auto_managed(False)
            torrent.handle.resume()

    def on_remove(self, ids, answer):
        manager = component.get('TorrentManager')
        refused = {}

        def each():
            for torrent_id in ids:
                if torrent_id in manager.torrents:
                    self.removing.add(torrent_id)
                    try:
                        if not manager.remove(torrent_id, remove_data=True, save_state=False):
                            refused[torrent_id] = 'Deluge does not remove it'
                    except Exception as error:
                        if torrent_id in manager.torrents:
                            refused[torrent_id] = f'{type(error).__name__}: {error}'
                    finally:
                        self.removing.discard(torrent_id)
                self.ours.pop(torrent_id, None)
                yield

        def saved(error):
            if error is None:
                answer.done(json.dumps(refused))
            else:
                answer.fail(str(error))

        def removed(error):
            if error is not None:
                saved(error)
            else:
                self.save([], [i for i in ids if i not in refused], saved)

        self.slices.run(each(), removed)

    def on_hosted(self, _about, answer):
        answer.done(json.dumps(list(self.ours.items())))

    def on_header(self, ids, answer):
        torrent = component.get('TorrentManager').torrents.get(ids[0])
        header = None
        if torrent is not None and torrent.has_metadata:
            info = torrent.torrent_info or torrent.handle.torrent_file()
            if info.metadata_size() <= MAX_HEADER:
                section = getattr(info, 'info_section', None) or info.metadata
                header = bytes(section()).hex()
        answer.done(json.dumps(header))

    def on_meet(self, about, answer):
        """The node's own engine has the text of a torrent that somebody else added."""
        torrent_id, host, port = about
        torrent = component.get('TorrentManager').torrents.get(torrent_id)
        if torrent is not None:
            torrent.connect_peer(host, int(port))
        answer.done('null')

    def on_network(self, _about, answer):
        config = component.get('Core').config
        interface = config['outgoing_interface'].strip() or config['listen_interface'].strip()
        told = {'interface': interface or None, 'proxy': None}
        proxy = config['proxy']
        if proxy['type'] and (proxy.get('proxy_peer_connections', True) or proxy.get('force_proxy')):
            named = proxy['type'] in (3, 5)
            told['proxy'] = {
                'kind': PROXIES.get(proxy['type'], f'type {proxy["type"]}'),
                'host': proxy['hostname'],
                'port': proxy['port'],
                'user': proxy['username'] if named else '',
                'password': proxy['password'] if named else '',
            }
        answer.done(json.dumps(told))

    # --- On the disk ---

    def save(self, there, gone, then, tries=SAVES):
        """Deluge writes its list of torrents in a thread of its own, not at all while it does so already, and does not say
        whether it worked. So the file is looked at: what is in it outlives a kill."""
        if not there and not gone:
            then(None)
            return
        if self.slices.ended:
            then(RuntimeError('the plugin is being disabled'))
            return
        manager = component.get('TorrentManager')
        if manager.is_saving_state:
            # That one has begun too early.
            reactor.callLater(0.02, self.save, there, gone, then, tries)
            return
        path = os.path.join(get_config_dir(), 'state', 'torrents.state')

        def written(_result):
            return threads.deferToThread(is_written, path, there, gone)

        def checked(fits):
            if fits:
                then(None)
            elif tries <= 1:
                then(OSError('Deluge cannot write its list of torrents (is the disk full?)'))
            else:
                reactor.callLater(0.3, self.save, there, gone, then, tries - 1)

        def failed(failure):
            then(failure.value)

        saving = manager.save_state()
        saving.addCallback(written)
        saving.addCallbacks(checked, failed)

    # --- Deluge's events ---

    def on_added(self, torrent_id, from_state=False):
        torrent = component.get('TorrentManager').torrents.get(torrent_id)
        if torrent is None or not is_item(torrent):
            return
        self.ours.setdefault(torrent_id, False)
        if self.online and not from_state and torrent_id not in self.adding:
            self.label(torrent_id)
            self.save_labels()
            self.port.added(torrent_id)
            self.note(torrent_id, torrent.state)

    def on_removed(self, torrent_id):
        if self.ours.pop(torrent_id, None) is None or torrent_id in self.removing:
            return
        if self.online:
            self.port.removed(torrent_id)

    def on_state(self, torrent_id, state):
        if torrent_id in self.ours:
            self.note(torrent_id, state)
        elif self.online and state == 'Downloading':
            # A magnet link has a name only now.
            self.on_added(torrent_id)

    def note(self, torrent_id, state, always=False):
        """The node is told when a torrent begins to seed or ends: after it was saved, or a kill could undo it."""
        seeds = state == 'Seeding'
        changed = self.ours.get(torrent_id) != seeds
        self.ours[torrent_id] = seeds
        if self.online and torrent_id not in self.unsaved and (changed or always and seeds):
            self.port.complete(torrent_id, seeds)

    # --- Label ---

    def label(self, torrent_id):
        """Marks it with Deluge's own Label plugin, if that is on. A label of the user's stays."""
        try:
            plugin = component.get('CorePlugin.Label')
        except KeyError:
            return
        try:
            if LABEL not in plugin.labels:
                plugin.add(LABEL)
            # Not by its own set_torrent, which writes its file for each torrent.
            plugin.torrent_labels.setdefault(torrent_id, LABEL)
        except Exception as error:
            log.warning('Upseed: no label: %s', error)

    def save_labels(self):
        try:
            component.get('CorePlugin.Label').config.save()
        except KeyError:
            pass
        except Exception as error:
            log.warning('Upseed: labels are not saved: %s', error)


def is_item(torrent):
    """Whether it is called as items are."""
    try:
        name = torrent.torrent_info.name() if torrent.torrent_info else torrent.status.name
    except (AttributeError, RuntimeError):
        return False
    return NAME.fullmatch(name) is not None


def is_written(path, there, gone):
    """In a thread: whether the state file has these torrents and not those."""
    try:
        with open(path, 'rb') as file:
            state = file.read()
    except OSError:
        return not there
    return all(i.encode() in state for i in there) and not any(i.encode() in state for i in gone)
