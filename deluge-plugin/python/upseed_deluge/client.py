"""Deluge's TorrentManager as the node's client: the half that runs on Deluge's reactor.

Here: its life, and what Deluge's events say. Nothing holds the reactor for long: what concerns many torrents is done a few
milliseconds at a time.
"""

import logging

import deluge.component as component
from deluge.common import get_version
from twisted.internet import reactor

from . import way
from .items import LACKING, is_at_limit, is_gone, is_item, is_wanted, seeds_when_resumed, text_of
from .labels import Labels
from .questions import Questions
from .slices import Slices, harmless

log = logging.getLogger(__name__)

# Seconds after which a torrent without its text is given it again: it may only be between two states.
LOST = 3
# Seconds between two looks at whether the files of what seeds are there: a tool that clears up may have moved one, and
# libtorrent notices when it opens it.
LOOK_OVER = 60
# Seconds after which a torrent that Deluge takes for one that is being checked is looked at. What libtorrent says of it
# while Deluge still loads its torrents is lost, and then Deluge would take it for that until its end.
CHECKED = 3


def seeds_now(torrent):
    return torrent.state == 'Seeding' and is_wanted(torrent)


class Client(Questions):
    """What `upseed_deluge::client` asks, and what it is told."""

    def __init__(self, failed, chosen=()):
        self.failed = failed
        # What the plugin's own settings decide of, whatever Deluge does: see `way.MEANS`.
        self.chosen = chosen
        self.port = None
        self.online = False
        self.ours = {}  # infohash: whether it seeds
        self.arrived = []  # while nobody has looked yet
        self.held = set()  # paused by the user
        self.had = set()  # has seeded, or was there before the node
        self.losing = set()
        self.checking = set()
        self.adding = set()
        self.removing = set()
        self.limited = set()  # has reached a limit at which Deluge removes it
        self.fileless = set()  # seeds, and its file was gone at the last look
        self.unsaved = set()  # not surely in the list on the disk yet
        self.paused = None  # whether all of Deluge is, if that was asked in this turn
        self.slices = Slices()
        self.labels = Labels()
        self.handlers = {}
        self.on_alert = None
        self.calls = {}
        self.before = None

    # --- Life ---

    def attach(self, port):
        """Called by the node when it is about to start, from its own thread: it may ask from now on."""
        self.port = port
        self.labels.load()
        if self.slices.ended:
            port.close()

    def begin(self):
        """Called by the node when it has started, from its own thread: it is told what happens."""
        reactor.callFromThread(self.guarded(self.start))

    def start(self):
        if self.slices.ended:
            self.port.close()
            return
        events = component.get('EventManager')
        self.handlers = {
            'TorrentAddedEvent': self.guarded(self.on_added),
            'PreTorrentRemovedEvent': self.guarded(self.on_removing),
            'TorrentRemovedEvent': self.guarded(self.on_removed),
            'TorrentStateChangedEvent': self.guarded(self.on_state),
            'SessionStartedEvent': self.guarded(self.look),
            'SessionPausedEvent': self.guarded(self.on_paused),
            'SessionResumedEvent': self.guarded(self.on_resumed),
            'ConfigValueChangedEvent': self.guarded(self.on_config),
            'PluginEnabledEvent': self.guarded(self.on_plugin),
        }
        for event, handler in self.handlers.items():
            events.register_event_handler(event, handler)
        # After Deluge's own handler, which was there first.
        self.on_alert = self.guarded(self.on_metadata)
        component.get('AlertManager').register_handler('metadata_received_alert', self.on_alert)
        self.describe()
        self.wait_for_session()

    def stop(self):
        """Lets go of everything; a second time there is nothing left."""
        self.slices.ended = True
        self.online = False
        if self.port is not None:
            # Whoever waits for an answer of Deluge's waits no longer.
            self.port.close()
        for call in self.calls.values():
            if call.active():
                call.cancel()
        self.calls = {}
        self.labels.stop()
        events = component.get('EventManager')
        for event, handler in self.handlers.items():
            events.deregister_event_handler(event, handler)
        self.handlers = {}
        if self.on_alert is not None:
            component.get('AlertManager').deregister_handler(self.on_alert)
            self.on_alert = None

    def guarded(self, method):
        """The method, whose exceptions become a line in the status and nothing else."""

        def call(*arguments):
            try:
                return method(*arguments)
            except BaseException as error:
                if not harmless(error):
                    raise
                log.exception('Upseed')
                self.failed(f'{type(error).__name__}: {error}')

        return call

    def later(self, seconds, method):
        """Calls it once, however often that is asked for meanwhile."""
        name = method.__name__
        if self.slices.ended or name in self.calls and self.calls[name].active():
            return
        self.calls[name] = reactor.callLater(seconds, self.guarded(method))

    def wait_for_session(self):
        """Deluge says SessionStarted when it has loaded its torrents, unless one of them cannot be loaded: then it says
        nothing, and it is over when nothing more comes."""
        if self.online or self.slices.ended:
            return
        manager = component.get('TorrentManager')
        loading = len(manager.torrents_loading)
        if manager._component_state == 'Started' and (loading == 0 or self.before == loading):
            self.look()
            return
        self.before = loading
        self.later(1 if loading == 0 else 30, self.wait_for_session)

    def look(self):
        """Sees which torrents are items, a few at a time, and then is connected."""
        if self.online or self.slices.ended:
            return
        manager = component.get('TorrentManager')
        paused = self.is_paused()

        def there():
            yield from list(manager.torrents)
            while self.arrived:
                yield self.arrived.pop()

        def each():
            for torrent_id in there():
                torrent = manager.torrents.get(torrent_id)
                try:
                    if torrent is not None and torrent_id not in self.ours and is_item(torrent):
                        seeds = seeds_when_resumed(torrent) if paused else seeds_now(torrent)
                        self.ours[torrent_id] = seeds
                        # It may be checked only now, and found without its text: as good as lost.
                        self.had.add(torrent_id)
                        self.remember(torrent_id, torrent.state)
                        if torrent.state in LACKING:
                            self.lose(torrent_id)
                        self.mark(torrent_id, torrent)
                except Exception as error:
                    # One that cannot be looked at costs no other.
                    log.warning('Upseed: %s: %s', torrent_id, error)
                yield

        def then(error):
            if error is None and not self.online:
                self.online = True
                self.port.connected()
                self.describe()
                self.later(LOOK_OVER, self.look_over)
            elif error is not None:
                self.failed(str(error))

        self.slices.run(each(), self.guarded(then))

    def is_paused(self):
        """Whether all of Deluge is. libtorrent's own thread answers that in its time, so it is asked once a turn."""
        if self.paused is None:
            self.paused = component.get('Core').session.is_paused()
            reactor.callLater(0, self.forget_paused)
        return self.paused

    def forget_paused(self):
        self.paused = None

    def describe(self):
        from deluge._libtorrent import LT_VERSION

        core = component.get('Core')
        warnings = []
        paused = self.is_paused()
        if paused:
            warnings.append('Deluge is paused: until it is resumed, Upseed\'s own engine hosts what has your vote.')
        elif self.held:
            warnings.append(
                f'{len(self.held)} of Upseed\'s torrents are paused in Deluge: until they are resumed, Upseed\'s own engine '
                'hosts those with your vote.'
            )
        _told, closed = way.way_out(core.config, self.chosen)
        if closed is not None:
            warnings.append(closed)
        self.port.described(f'{get_version()} (libtorrent {LT_VERSION})', warnings, paused)

    # --- Deluge's events ---

    def on_added(self, torrent_id, from_state=False):
        if not self.online:
            # When it starts, Deluge tells all of them in one turn.
            self.arrived.append(torrent_id)
            return
        torrent = component.get('TorrentManager').torrents.get(torrent_id)
        if torrent is None or torrent_id in self.ours or not is_item(torrent):
            return
        self.ours[torrent_id] = False
        if not from_state and torrent_id not in self.adding:
            self.labels.mark(torrent_id)
            self.port.added(torrent_id)
            self.note(torrent_id, torrent.state)

    def on_metadata(self, alert):
        """A magnet link has a name, and a header that can be given, only now."""
        if self.online:
            self.on_added(str(alert.handle.info_hash()))

    def on_removing(self, torrent_id):
        torrent = component.get('TorrentManager').torrents.get(torrent_id)
        if torrent is not None and torrent_id in self.ours and is_at_limit(torrent):
            self.limited.add(torrent_id)

    def on_removed(self, torrent_id):
        known, limited = torrent_id in self.ours, torrent_id in self.limited
        self.forget(torrent_id)
        if known and self.online and torrent_id not in self.removing:
            (self.port.limit_reached if limited else self.port.removed)(torrent_id)

    def on_state(self, torrent_id, state):
        if torrent_id in self.ours:
            self.note(torrent_id, state)
        elif self.online:
            self.on_added(torrent_id)

    def on_paused(self):
        self.paused = None
        self.describe()

    def on_resumed(self):
        """What was paused for itself meanwhile changes no state now."""
        self.paused = None
        manager = component.get('TorrentManager')

        def each():
            for torrent_id in list(self.ours):
                torrent = manager.torrents.get(torrent_id)
                if torrent is not None:
                    self.note(torrent_id, torrent.state)
                yield

        self.slices.run(each(), lambda _error: self.describe())

    def on_config(self, key, _value):
        if key in way.KEYS:
            self.port.network()
            self.later(0, self.describe)

    def on_plugin(self, name):
        if name != 'Label':
            return
        manager = component.get('TorrentManager')

        def each():
            for torrent_id in list(self.ours):
                torrent = manager.torrents.get(torrent_id)
                if torrent is not None:
                    self.mark(torrent_id, torrent)
                yield

        self.slices.run(each(), lambda _error: None)

    # --- What became of a torrent ---

    def note(self, torrent_id, state, always=False):
        """The node is told when a torrent begins to seed or ends: after it was saved, or a kill could undo it."""
        manager = component.get('TorrentManager')
        if self.is_paused() or manager._component_state == 'Stopping':
            # All of Deluge stands still, or ends: that says nothing of this one.
            return
        torrent = manager.torrents.get(torrent_id)
        seeds = state == 'Seeding' and (torrent is None or is_wanted(torrent))
        changed = self.ours.get(torrent_id) != seeds
        self.ours[torrent_id] = seeds
        if state in LACKING and torrent_id in self.had:
            self.lose(torrent_id)
        self.remember(torrent_id, state)
        if self.online and torrent_id not in self.unsaved and (changed or always and seeds):
            self.port.complete(torrent_id, seeds)

    def remember(self, torrent_id, state):
        if state == 'Seeding':
            self.had.add(torrent_id)
        if state == 'Checking':
            self.checking.add(torrent_id)
            self.later(CHECKED, self.look_at_checking)
        held = state == 'Paused' and torrent_id not in self.unsaved
        if held != (torrent_id in self.held):
            (self.held.add if held else self.held.discard)(torrent_id)
            self.later(0.5, self.describe)

    def forget(self, torrent_id):
        self.labels.forget(torrent_id)
        self.ours.pop(torrent_id, None)
        self.unsaved.discard(torrent_id)
        self.limited.discard(torrent_id)
        self.fileless.discard(torrent_id)
        self.had.discard(torrent_id)
        self.losing.discard(torrent_id)
        self.checking.discard(torrent_id)
        if torrent_id in self.held:
            self.held.discard(torrent_id)
            self.later(0.5, self.describe)

    def lose(self, torrent_id):
        self.losing.add(torrent_id)
        self.later(LOST, self.tell_lost)

    def tell_lost(self):
        """Those whose text is not there, and was: the node gives it again."""
        if not self.online:
            self.later(LOST, self.tell_lost)
            return
        manager = component.get('TorrentManager')
        losing, self.losing = self.losing, set()

        def each():
            for torrent_id in losing:
                torrent = manager.torrents.get(torrent_id)
                if torrent is not None and torrent.state in LACKING:
                    self.had.discard(torrent_id)
                    self.port.lost(torrent_id)
                yield

        self.slices.run(each(), lambda _error: None)

    def look_over(self):
        """The node gives the text of what seeds and has no file any more; it is told once."""
        manager = component.get('TorrentManager')
        fileless = set()

        def each():
            for torrent_id, seeds in list(self.ours.items()):
                torrent = manager.torrents.get(torrent_id)
                if seeds and torrent is not None and torrent_id not in self.unsaved and is_gone(text_of(torrent)):
                    fileless.add(torrent_id)
                yield

        def then(_error):
            fresh, self.fileless = fileless - self.fileless, fileless
            for torrent_id in fresh:
                self.port.lost(torrent_id)
            self.later(LOOK_OVER, self.look_over)

        self.slices.run(each(), self.guarded(then))

    def look_at_checking(self):
        manager = component.get('TorrentManager')
        checking, self.checking = self.checking, set()

        def each():
            for torrent_id in checking:
                torrent = manager.torrents.get(torrent_id)
                try:
                    if torrent is not None and torrent.state == 'Checking':
                        # If it is something else Deluge tells everybody.
                        torrent.update_state()
                        self.remember(torrent_id, torrent.state)
                except Exception as error:
                    log.warning('Upseed: %s: %s', torrent_id, error)
                yield

        self.slices.run(each(), lambda _error: None)

    def mark(self, torrent_id, torrent):
        """What Upseed added has the label of its user."""
        added = torrent.options['download_location'] == self.folder()
        self.labels.mark(torrent_id, self.port.tag() if added else None)
