"""Gets the native module out of the egg: a library cannot be loaded from within a zip file."""

import hashlib
import importlib.util
import os
import pkgutil
import platform
import re
import sys

from . import made

PLATFORM = 'linux-x86_64'
MODULE = '_upseed.abi3.so'
LIBRARY = 'libtorrent-upseed.so.2.0'


# The one of this process: another egg that is put in place meanwhile is for the next.
LOADED = {}


# The egg that runs; None where it lies unpacked.
EGG = getattr(globals().get('__loader__'), 'archive', None)


def stamp():
    """What tells this egg from another in its place; None if there is none."""
    try:
        status = os.stat(EGG)
    except (OSError, TypeError):
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


STAMP = stamp()


def version_of(name):
    """The version in an egg's name, as numbers."""
    return [int(part) for part in re.findall(r'[0-9]+', name)[:3]]


def is_replaced(plugins):
    """Whether another egg was put in the place of the one that runs, or one of another version into the folder of plugins:
    Deluge's own installation leaves the old one there, and takes the newest when it starts."""
    now = stamp()
    if STAMP is None or now not in (STAMP, None):
        return now != STAMP
    try:
        others = [name for name in os.listdir(plugins) if re.fullmatch(r'Upseed-[0-9].*\.egg', name)]
    except OSError:
        return False
    running = os.path.basename(EGG)
    return any(name != running and (now is None or version_of(name) > version_of(running)) for name in others)


class Unsupported(Exception):
    """This machine cannot run the native module; the message is one sentence for people."""


def check():
    """Raises Unsupported where the native module cannot run."""
    here = f'{platform.system().lower()}-{platform.machine()}'
    if here != PLATFORM:
        raise Unsupported(f'Upseed runs on {PLATFORM} and this is {here}.')
    name, version = platform.libc_ver()
    wanted = '.'.join(map(str, made.glibc))
    if name != 'glibc':
        raise Unsupported(f'Upseed needs glibc {wanted} and this system has another C library.')
    try:
        found = tuple(int(part) for part in version.split('.')[:2])
    except ValueError:
        found = made.glibc
    if found < made.glibc:
        raise Unsupported(f'Upseed needs glibc {wanted} and this system has {version}.')
    if sys.version_info < (3, 9):
        raise Unsupported(f'Upseed needs Python 3.9 and this is {platform.python_version()}.')


def private_folder(path):
    """Makes a folder that its owner alone can enter."""
    os.makedirs(path, mode=0o700, exist_ok=True)
    return path


def written(folder, name, data):
    """The path of a file with these bytes; it appears whole or not at all."""
    path = os.path.join(folder, name)
    try:
        with open(path, 'rb') as file:
            if file.read() == data:
                return path
    except OSError:
        pass
    new = f'{path}.{os.getpid()}.new'
    try:
        with open(new, 'wb') as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.chmod(new, 0o700)
        except OSError:
            # Some disks have no modes. It is loaded all the same.
            pass
        os.replace(new, path)
    except OSError:
        if os.path.exists(new):
            os.unlink(new)
        raise
    return path


def load(data_folder):
    """The native module. It may take half a second: not on the reactor."""
    if data_folder in LOADED:
        return LOADED[data_folder]
    check()
    contents = {name: pkgutil.get_data(__package__, f'native/{PLATFORM}/{name}') for name in (LIBRARY, MODULE)}
    if None in contents.values():
        raise Unsupported(f'This egg has no part for {PLATFORM}.')
    digest = hashlib.sha256(b''.join(contents[name] for name in sorted(contents))).hexdigest()[:16]
    known = sys.modules.get(f'_upseed_{digest}')
    if known is not None:
        LOADED[data_folder] = known
        return known
    # One folder for each version: a library that is in use is never written over.
    native = private_folder(os.path.join(private_folder(data_folder), f'{digest}-native'))
    paths = {name: written(native, name, contents[name]) for name in (LIBRARY, MODULE)}
    spec = importlib.util.spec_from_file_location('_upseed', paths[MODULE])
    try:
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    except ImportError as error:
        raise Unsupported(f'Upseed cannot be loaded here: {error}.') from error
    sys.modules[f'_upseed_{digest}'] = LOADED[data_folder] = module
    forget_others(data_folder, f'{digest}-native')
    return module


def forget_others(data_folder, current):
    """Removes what older eggs left; nothing is lost if that fails."""
    for name in os.listdir(data_folder):
        if name.endswith('-native') and name != current:
            folder = os.path.join(data_folder, name)
            try:
                for file in os.listdir(folder):
                    os.unlink(os.path.join(folder, file))
                os.rmdir(folder)
            except OSError:
                pass
