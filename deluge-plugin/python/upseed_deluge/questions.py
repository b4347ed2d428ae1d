"""What the node asks of Deluge. It asks from its own threads (`ask`), and the answer comes later, from the reactor."""

import json
import logging
import os

import deluge.component as component
from deluge.configmanager import get_config_dir
from twisted.internet import reactor, threads

from . import way
from .disk import is_written, write_torrents
from .items import FRESH, LACKING, by_nobody, header_of, is_gone, parsed, text_of, unlimit
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

        def each():
            for torrent_id in ids:
                torrent = manager.torrents.get(torrent_id)
                if torrent is None:
                    missing[torrent_id] = None
                elif torrent.has_metadata:
                    path = text_of(torrent)
                    if path is not None and (torrent.state != 'Seeding' or is_gone(path)):
                        missing[torrent_id] = path
                yield

        self.slices.run(each(), answered(answer, lambda: {'folder': self.folder(), 'missing': missing}))

    def folder(self):
        return os.path.join(component.get('Core').config['download_location'], 'upseed')

    def on_add(self, torrents, answer):
        """Answers with what was refused, and why, when everything else is on the disk."""
        manager = component.get('TorrentManager')
        options = dict(FRESH, download_location=self.folder())
        ids = [torrent_id for torrent_id, _ in torrents]
        fresh = [(torrent_id, torrent) for torrent_id, torrent in torrents if torrent_id not in manager.torrents]
        infos, refused = {}, {}

        def add(torrent_id):
            self.adding.add(torrent_id)
            try:
                if torrent_id in manager.torrents:
                    self.wake(manager.torrents[torrent_id])
                else:
                    self.unsaved.add(torrent_id)
                    with by_nobody():
                        manager.add(
                            torrent_info=infos[torrent_id],
                            options=dict(options),
                            filename=f'{torrent_id}.torrent',
                            save_state=False,
                        )
                    # Other plugins may have put it under their limits meanwhile.
                    unlimit(manager.torrents[torrent_id])
                self.ours.setdefault(torrent_id, False)
                self.mark(torrent_id, manager.torrents[torrent_id])
            except Exception as error:
                refused[torrent_id] = f'{type(error).__name__}: {error}'
                if torrent_id not in manager.torrents:
                    self.unsaved.discard(torrent_id)
            finally:
                self.adding.discard(torrent_id)

        def each():
            for torrent_id in ids:
                if torrent_id not in refused:
                    add(torrent_id)
                    yield

        def noted(error):
            for torrent_id in ids:
                if error is None:
                    self.unsaved.discard(torrent_id)
                torrent = manager.torrents.get(torrent_id)
                if torrent is not None:
                    self.note(torrent_id, torrent.state, always=True)
                yield
            if error is not None:
                raise error

        def saved(error):
            self.slices.run(noted(error), answered(answer, lambda: refused))

        def added(error):
            if error is not None:
                saved(error)
                return
            there = [i for i in ids if i not in refused]
            self.settle([i for i in there if i in self.unsaved], lambda: self.save(there, [], saved))

        def written(result):
            found, failed = result
            infos.update(found)
            refused.update(failed)
            self.slices.run(each(), added)

        folder, copies = os.path.join(get_config_dir(), 'state'), copies_folder()
        writing = threads.deferToThread(prepared, folder, copies, fresh)
        writing.addCallback(written).addErrback(lambda failure: answer.fail(failure.getErrorMessage()))

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

        if self.is_paused():
            # Then Deluge asks libtorrent what to write down.
            then()
            return

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
                        with by_nobody(), self.labels.taken_off(torrent_id, manager.torrents):
                            if not manager.remove(torrent_id, remove_data=True, save_state=False):
                                refused[torrent_id] = 'Deluge does not remove it'
                    except Exception as error:
                        if torrent_id in manager.torrents:
                            refused[torrent_id] = f'{type(error).__name__}: {error}'
                    finally:
                        self.removing.discard(torrent_id)
                self.forget(torrent_id)
                yield

        saved = answered(answer, lambda: refused)

        def removed(error):
            if error is not None:
                saved(error)
            else:
                self.save([], [i for i in ids if i not in refused], saved)

        self.slices.run(each(), removed)

    def on_hosted(self, _about, answer):
        told = []

        def each():
            # A thousand at a time take half a millisecond.
            all_of_them = list(self.ours.items())
            for start in range(0, len(all_of_them), 1_000):
                told.append(json.dumps(all_of_them[start:start + 1_000])[1:-1])
                yield

        def then(error):
            if error is None:
                answer.done(f'[{", ".join(told)}]')
            else:
                answer.fail(str(error))

        self.slices.run(each(), then)

    def on_header(self, ids, answer):
        torrent = component.get('TorrentManager').torrents.get(ids[0])
        header = None if torrent is None else header_of(torrent)
        answer.done(json.dumps(None if header is None else header.hex()))

    def on_meet(self, about, answer):
        """The node's own engine has the text of these."""
        host, port, *ids = about
        manager = component.get('TorrentManager')

        def each():
            for torrent_id in ids:
                torrent = manager.torrents.get(torrent_id)
                if torrent is not None and torrent.state != 'Seeding':
                    torrent.connect_peer(host, int(port))
                yield

        self.slices.run(each(), answered(answer, lambda: None))

    def on_network(self, _about, answer):
        told, _closed = way.way_out(component.get('Core').config, self.chosen)
        answer.done(json.dumps(told))

    def on_listening(self, _about, answer):
        """The address that Deluge listens on, if it is bound to one, and its port."""
        core = component.get('Core')
        interface = core.config['listen_interface'].strip()
        answer.done(json.dumps([interface or '127.0.0.1', core.session.listen_port()]))

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
            # What its user has removed meanwhile is in no list.
            still = [torrent_id for torrent_id in there if torrent_id in manager.torrents]
            return threads.deferToThread(is_written, path, still, gone)

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


def answered(answer, told):
    """What answers a question when its work is done, with what is to be told then."""

    def then(error):
        if error is None:
            answer.done(json.dumps(told()))
        else:
            answer.fail(str(error))

    return then


def copies_folder():
    """Where the user has Deluge keep copies of every .torrent; None for nowhere."""
    config = component.get('Core').config
    return config['torrentfiles_location'] if config['copy_torrent_file'] else None


def prepared(folder, copies, torrents):
    """In a thread: writes and reads each .torrent. What libtorrent made of it, and why something cannot be added."""
    failed = write_torrents(folder, copies, torrents)
    infos = {}
    for torrent_id, torrent in torrents:
        try:
            infos[torrent_id] = parsed(torrent)
        except RuntimeError as error:
            failed.setdefault(torrent_id, str(error))
    return infos, failed
