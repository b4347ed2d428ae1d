"""What the plugin knows of a torrent of Deluge's."""

import contextlib
import os
import re

import deluge.component as component
from deluge._libtorrent import lt

# An item is <slug>.<32 hex digits>.md, a pack <board>.<32 hex digits>.pack. What a slug may have, and whether it is
# an item at all, the node says.
NAME = re.compile(r'[^./\\]{1,100}\.[0-9a-f]{32}\.(md|pack)')
# A header is 2,048 bytes at most.
MAX_HEADER = 2_048
# States of a torrent that lacks its text, and not because its user stopped it.
LACKING = ('Downloading', 'Error')

# No limit of Deluge's silences a vote.
UNLIMITED = {
    'auto_managed': False,
    'stop_at_ratio': False,
    'remove_at_ratio': False,
    'move_completed': False,
    'super_seeding': False,
    'max_upload_speed': -1,
    'max_upload_slots': -1,
    'max_connections': -1,
}
FRESH = dict(UNLIMITED, add_paused=False, seed_mode=False, owner='localclient')


def parsed(torrent):
    """A .torrent as libtorrent has it; not on the reactor, if there are many."""
    return lt.torrent_info(lt.bdecode(torrent))


def info_of(torrent):
    """What libtorrent knows of it; None for a magnet link that has nothing yet."""
    if not torrent.has_metadata:
        return None
    return torrent.torrent_info or torrent.handle.torrent_file()


def is_item(torrent):
    """Whether it is called as items are. The name that a magnet link claims is not looked at."""
    try:
        info = info_of(torrent)
        return info is not None and NAME.fullmatch(info.name()) is not None
    except (AttributeError, RuntimeError, UnicodeDecodeError):
        return False


def header_of(torrent):
    """The info dictionary, as libtorrent has it."""
    info = info_of(torrent)
    if info is None or info.metadata_size() > MAX_HEADER:
        return None
    section = getattr(info, 'info_section', None) or info.metadata
    return bytes(section())


def text_of(torrent):
    """Where its one file belongs."""
    files = torrent.get_files()
    if len(files) != 1:
        return None
    return os.path.join(torrent.options['download_location'], files[0]['path'])


def is_gone(path):
    """Whether nothing is there, although its folder is: without that, a disk is not there."""
    return path is not None and not os.path.lexists(path) and os.path.isdir(os.path.dirname(path))


def is_at_limit(torrent):
    """Whether Deluge removes it by itself now."""
    options = torrent.options
    limited = options['stop_at_ratio'] and options['remove_at_ratio']
    return limited and torrent.get_ratio() >= options['stop_ratio']


def is_wanted(torrent):
    """Whether Deluge is to download its file. What wants nothing calls itself seeding, and gives nothing."""
    return 0 not in torrent.options['file_priorities']


def unlimit(torrent):
    """Takes it out of Deluge's queue and limits. What the user paused stays paused."""
    if not is_wanted(torrent):
        torrent.set_file_priorities([4] * len(torrent.options['file_priorities']))
    queued = torrent.state == 'Queued'
    limits = {key: value for key, value in UNLIMITED.items() if torrent.options[key] != value}
    if limits:
        torrent.set_options(limits)
    if queued:
        # That is: paused and managed, and it is not managed any more.
        torrent.handle.auto_managed(False)
        torrent.handle.resume()


def seeds_when_resumed(torrent):
    """Of a paused session: whether it would seed if that went on."""
    status = torrent.handle.status()
    return status.is_seeding and not status.paused and is_wanted(torrent)


@contextlib.contextmanager
def by_nobody():
    """Deluge asks who calls, and remembers the last one who did: what the node does is no client's doing."""
    factory = component.get('RPCServer').factory
    before, factory.session_id = factory.session_id, -1
    try:
        yield
    finally:
        factory.session_id = before
