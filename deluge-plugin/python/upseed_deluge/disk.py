"""What Deluge has on its disk, written and looked at in a thread: it does not say whether its own writing worked, and
syncs only a part of it."""

import os
import re

ID = re.compile(rb'[0-9a-f]{40}')
# Read at a time. Between two of them other threads go on: while one thread of Python is at work, each time that Deluge's
# reactor has asked libtorrent something it waits for its turn.
PIECE = 64 * 1024


def write_torrents(folder, copies, torrents):
    """Puts each .torrent where Deluge looks for it when it starts, and into the user's folder of copies if there is one;
    what is there outlives a power cut. Returns for each that could not be written why.

    Deluge would do this on its reactor.
    """
    failed = {}
    for torrent_id, torrent in torrents:
        name = f'{torrent_id}.torrent'
        try:
            synced(os.path.join(folder, name), torrent)
        except OSError as error:
            failed[torrent_id] = f'{name}: {error}'
            continue
        if copies:
            try:
                synced(os.path.join(copies, name), torrent)
            except OSError:
                # A copy is for its user's convenience: Deluge says nothing more of it either.
                pass
    sync(folder)
    return failed


def is_written(path, there, gone):
    """Whether the list of torrents at `path` has these and not those, so that a power cut changes nothing."""
    try:
        found = ids_in(path)
        sync(os.path.dirname(path))
    except OSError:
        return not there
    return found.issuperset(there) and found.isdisjoint(gone)


def ids_in(path):
    """The infohashes that a file names."""
    found, before = set(), b''
    with open(path, 'rb') as file:
        while piece := file.read(PIECE):
            piece = before + piece
            found.update(match.decode() for match in ID.findall(piece))
            # One may be cut in two here.
            before = piece[-39:]
    return found


def synced(path, data):
    """Makes sure that there is a file with these bytes; a full disk may have left it cut short."""
    try:
        with open(path, 'rb') as file:
            if file.read() == data:
                os.fsync(file.fileno())
                return
    except FileNotFoundError:
        pass
    new = f'{path}.new'
    try:
        with open(new, 'wb') as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)
    except OSError:
        if os.path.exists(new):
            os.unlink(new)
        raise


def sync(folder):
    """Makes the names in a folder outlive a power cut."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
