"""What the node asks of Deluge. It asks from its own threads (`ask`), and the answer comes later, from the reactor."""

import json
import logging
import os

import deluge.component as component
from deluge.configmanager import get_config_dir
from twisted.internet import reactor, threads

from . import way
from .disk import is_written
from .items import FRESH, LACKING, by_nobody, header_of, text_of, unlimit
from .slices import harmless

log = logging.getLogger(__name__)

# How often the state file is looked at again when a torrent is not in it yet.
SAVES = 8


class Questions:
    """The half of the client that answers."""

    def ask(self, what, about, answer):
        """From the node's threads; returns at once."""
        reactor.callFromThread(self.answer, what, about, answer)

    def answer(self, what, about, answer):
        try:
            getattr(self, 'on_' + what)(about, answer)
        except BaseException as error:
            if not harmless(error):
                raise
            log.exception('Upseed: %s', what)
            answer.fail(f'{type(error).__name__}: {error}')

    def on_prepare(self, ids, answer):
        """Where the texts belong that Deluge lacks: None is the folder of fresh ones."""
        manager = component.get('TorrentManager')
        missing = {}
        for torrent_id in ids:
            torrent = manager.torrents.get(torrent_id)
            if torrent is None:
                missing[torrent_id] = None
            elif torrent.state != 'Seeding' and torrent.has_metadata:
                path = text_of(torrent)
                if path is not None:
                    missing[torrent_id] = path
        answer.done(json.dumps({'folder': self.folder(), 'missing': missing}))

    def folder(self):
        return os.path.join(component.get('Core').config['download_location'], 'upseed')

    def on_add(self, torrents, answer):
        """Answers with what was refused, and why, when everything else is on the disk."""
        manager = component.get('TorrentManager')
        options = dict(FRESH, download_location=self.folder())
        refused = {}
        ids = [torrent_id for torrent_id, _ in torrents]

        def add(torrent_id, torrent):
            self.adding.add(torrent_id)
            try:
                if torrent_id in manager.torrents:
                    self.wake(manager.torrents[torrent_id])
                else:
                    self.unsaved[torrent_id] = torrent
                    with by_nobody():
                        manager.add(
                            filedump=torrent, options=dict(options), filename=f'{torrent_id}.torrent', save_state=False
                        )
                    # Other plugins may have put it under their limits meanwhile.
                    unlimit(manager.torrents[torrent_id])
                self.ours.setdefault(torrent_id, False)
                self.mark(torrent_id, manager.torrents[torrent_id])
            except Exception as error:
                refused[torrent_id] = f'{type(error).__name__}: {error}'
                if torrent_id not in manager.torrents:
                    self.unsaved.pop(torrent_id, None)
            finally:
                self.adding.discard(torrent_id)

        def each():
            for torrent_id, torrent in torrents:
                add(torrent_id, torrent)
                yield

        def saved(error):
            for torrent_id in ids:
                if error is None:
                    self.unsaved.pop(torrent_id, None)
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
            there = {i: self.unsaved.get(i) for i in ids if i not in refused}
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
        """A vote for a torrent that is there already: no limit silences it, and its text, which lies there now, is seen."""
        unlimit(torrent)
        if torrent.state in LACKING and torrent.has_metadata:
            torrent.force_recheck()

    def on_remove(self, ids, answer):
        manager = component.get('TorrentManager')
        refused = {}

        def each():
            for torrent_id in ids:
                if torrent_id in manager.torrents:
                    self.removing.add(torrent_id)
                    try:
                        with by_nobody():
                            if not manager.remove(torrent_id, remove_data=True, save_state=False):
                                refused[torrent_id] = 'Deluge does not remove it'
                    except Exception as error:
                        if torrent_id in manager.torrents:
                            refused[torrent_id] = f'{type(error).__name__}: {error}'
                    finally:
                        self.removing.discard(torrent_id)
                self.forget(torrent_id)
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
                self.save({}, [i for i in ids if i not in refused], saved)

        self.slices.run(each(), removed)

    def on_hosted(self, _about, answer):
        answer.done(json.dumps(list(self.ours.items())))

    def on_header(self, ids, answer):
        torrent = component.get('TorrentManager').torrents.get(ids[0])
        header = None if torrent is None else header_of(torrent)
        answer.done(json.dumps(None if header is None else header.hex()))

    def on_meet(self, about, answer):
        """The node's own engine has the text of these."""
        host, port, *ids = about
        for torrent_id in ids:
            torrent = component.get('TorrentManager').torrents.get(torrent_id)
            if torrent is not None and torrent.state != 'Seeding':
                torrent.connect_peer(host, int(port))
        answer.done('null')

    def on_network(self, _about, answer):
        told, _closed = way.way_out(component.get('Core').config)
        answer.done(json.dumps(told))

    # --- On the disk ---

    def save(self, there, gone, then, tries=SAVES):
        """Deluge writes its list of torrents in a thread of its own, not at all while it does so already, and does not say
        whether it worked. So the files are looked at: what is in them outlives a power cut."""
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
