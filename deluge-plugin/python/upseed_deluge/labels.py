"""Marks with Deluge's own Label plugin, if that is on, which torrents are Upseed's."""

import contextlib
import copy
import json
import logging
import os
import sys

import deluge.component as component
from deluge.configmanager import get_config_dir
from twisted.internet import reactor, threads

from .disk import ids_in, synced

log = logging.getLogger(__name__)

# What somebody added by hand; what Upseed added has the user's own: `upseed-` and 8 hex digits of the key.
PLAIN = 'upseed'
# Seconds between two times that the labels are saved.
PAUSE = 5


class Labels:
    """Each torrent has one label; one of the user's stays, and one that its user took off does not come back."""

    def __init__(self):
        self.path = os.path.join(get_config_dir(), 'upseed', 'labelled')
        # Those that have one, or had; on the disk when Deluge's labels are.
        self.given = set()
        self.waiting = None
        self.saving = False
        self.ended = False

    def load(self):
        """In a thread: those of before."""
        with contextlib.suppress(OSError):
            self.given = ids_in(self.path)

    def mark(self, torrent_id, tag=None):
        try:
            plugin = component.get('CorePlugin.Label')
        except KeyError:
            return
        try:
            label, has = tag or PLAIN, plugin.torrent_labels.get(torrent_id)
            if has is None and torrent_id in self.given:
                return
            if torrent_id not in self.given:
                self.given.add(torrent_id)
                self.save()
            if has not in (None, PLAIN, label):
                return
            # Not by its own add and set_torrent, which write its file each time.
            if label not in plugin.labels:
                plugin.labels[label] = dict(sys.modules[type(plugin).__module__].OPTIONS_DEFAULTS)
                self.save()
            if has != label:
                plugin.torrent_labels[torrent_id] = label
                self.save()
        except Exception as error:
            log.warning('Upseed: no label: %s', error)

    @contextlib.contextmanager
    def taken_off(self, torrent_id, torrents):
        """While a torrent is removed: Deluge's own plugin writes its whole file for each one that had a label, there and
        then. What could not be removed keeps it."""
        try:
            labels = component.get('CorePlugin.Label').torrent_labels
        except (AttributeError, KeyError):
            labels = {}
        label = labels.pop(torrent_id, None)
        try:
            yield
        finally:
            if label is not None and torrent_id in torrents:
                labels[torrent_id] = label

    def forget(self, torrent_id):
        """It was removed. If it comes again it has a label again."""
        if torrent_id in self.given:
            self.given.remove(torrent_id)
            self.save()

    def save(self):
        """Soon, and off the reactor: Deluge's own way waits for the disk there."""
        if self.waiting is None and not self.saving and not self.ended:
            self.waiting = reactor.callLater(PAUSE, self.write)

    def write(self):
        self.waiting = None
        try:
            config = component.get('CorePlugin.Label').config
        except KeyError:
            return
        self.saving = True
        path = os.path.realpath(config.config_file)
        new = f'{path}.upseed'
        version = dict(getattr(config, '_Config__version', {'file': 1, 'format': 1}))
        kept = {key: copy.copy(value) for key, value in config.config.items()}

        def written(_result):
            self.saving = False
            # Only what is still so: Deluge may have written a newer one itself.
            if config.config == kept:
                os.replace(new, path)
                self.keep()
            else:
                os.unlink(new)
                self.save()

        def failed(failure):
            self.saving = False
            not_saved(failure)

        threads.deferToThread(write_config, new, version, kept).addCallback(written).addErrback(failed)

    def keep(self):
        given = '\n'.join(sorted(self.given)).encode()
        threads.deferToThread(synced, self.path, given).addErrback(not_saved)

    def stop(self):
        self.ended = True
        if self.waiting is not None and self.waiting.active():
            self.waiting.cancel()
            try:
                component.get('CorePlugin.Label').config.save()
                self.keep()
            except Exception as error:
                log.warning('Upseed: labels are not saved: %s', error)
        self.waiting = None


def not_saved(failure):
    log.warning('Upseed: labels are not saved: %s', failure.getErrorMessage())


def write_config(path, version, kept):
    """In a thread: two JSON objects in a row, as Deluge reads them. Indented it would be Python that writes them, ten times
    as slow, and the reactor would wait for its turn with each question to libtorrent."""
    with open(path, 'w', encoding='utf-8') as file:
        for part in (version, kept):
            file.write(json.dumps(part, sort_keys=True))
        file.flush()
        os.fsync(file.fileno())
