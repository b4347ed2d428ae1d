"""What Deluge wrote, looked at in a thread: it does not say whether that worked, and syncs only a part of it."""

import os


def is_written(path, there, gone):
    """Whether the list of torrents at `path` has these and not those, so that a power cut changes nothing.

    `there` has for each torrent the bytes that its own file beside the list must have, or None if that is Deluge's matter.
    """
    folder = os.path.dirname(path)
    try:
        for torrent_id, torrent in there.items():
            if torrent is not None:
                synced(os.path.join(folder, f'{torrent_id}.torrent'), torrent)
    except OSError:
        return False
    try:
        with open(path, 'rb') as file:
            state = file.read()
        sync(folder)
    except OSError:
        return not there
    return all(i.encode() in state for i in there) and not any(i.encode() in state for i in gone)


def synced(path, data):
    """Makes sure that a file which is there has these bytes; a full disk may have left it cut short."""
    with open(path, 'rb') as file:
        if file.read() == data:
            os.fsync(file.fileno())
            return
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
