"""Programs and libraries that carry their own libtorrent: the egg, the wheel, the tar.gz.

Usage: packaging/native.py PREFIX: makes PREFIX/bin/upseed use a libtorrent in PREFIX/lib/upseed
"""

import base64
import hashlib
import re
import shutil
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIBTORRENT = 'libtorrent-upseed.so.2.0'
# What every desktop Linux has; anything else must not be needed.
ALLOWED = {'libssl.so.3', 'libcrypto.so.3', 'libstdc++.so.6', 'libgcc_s.so.1', 'libc.so.6', 'libm.so.6',
           'ld-linux-x86-64.so.2', LIBTORRENT}
# A fixed time, so that the same sources make the same archive.
WHEN = (2020, 1, 1, 0, 0, 0)


def run(*command):
    return subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE, text=True).stdout


def version():
    return re.search(r'\[workspace.package\]\nversion = "(.+)"', (ROOT / 'Cargo.toml').read_text())[1]


def take_libtorrent(folder):
    """Copies this system's libtorrent there, under a name that is ours alone."""
    system = Path(run('pkg-config', '--variable=libdir', 'libtorrent-rasterbar').strip())
    library = folder / LIBTORRENT
    shutil.copy((system / 'libtorrent-rasterbar.so').resolve(), library)
    run('strip', '--strip-unneeded', library)
    # Last: strip damages what patchelf has moved.
    run('patchelf', '--set-soname', LIBTORRENT, library)
    return library


def use_own_libtorrent(program, where):
    """Makes a program look for that library instead, in `where` as seen from its own folder."""
    theirs = [name for name in needed(program) if name.startswith('libtorrent-rasterbar.so')]
    assert len(theirs) == 1, f'{program} needs one libtorrent, not {theirs}'
    # One after the other: in one call patchelf 0.14 mixes up their words.
    run('patchelf', '--replace-needed', theirs[0], LIBTORRENT, program)
    run('patchelf', '--set-rpath', f'$ORIGIN/{where}', program)


def needed(path):
    return set(re.findall(r'\(NEEDED\).*\[(.+)\]', run('readelf', '-d', path)))


def check(path):
    """Refuses a library that needs something foreign; returns the newest glibc that it asks for."""
    foreign = needed(path) - ALLOWED
    assert not foreign, f'{path.name} needs {foreign}'
    versions = re.findall(r'Name: GLIBC_(\d+)\.(\d+)', run('readelf', '-V', path))
    return max(tuple(map(int, version)) for version in versions)


def own_symbols(path):
    """Makes every "unique" symbol an ordinary one.

    A unique symbol is one for the whole process, whichever library asks: deluged's libtorrent and ours, of other
    versions and with another Boost, would share variables of templates whose layout may differ.
    """
    data = bytearray(path.read_bytes())
    assert data[:6] == b'\x7fELF\x02\x01', 'an ELF file of 64 bits, little-endian'
    (at,) = struct.unpack_from('<Q', data, 0x28)
    size, count = struct.unpack_from('<HH', data, 0x3A)
    changed = 0
    for section in range(at, at + size * count, size):
        kind, = struct.unpack_from('<I', data, section + 4)
        if kind not in (2, 11):  # SHT_SYMTAB, SHT_DYNSYM
            continue
        start, length = struct.unpack_from('<QQ', data, section + 0x18)
        for symbol in range(start, start + length, 24):
            info = data[symbol + 4]
            if info >> 4 == 10:  # STB_GNU_UNIQUE becomes STB_WEAK
                data[symbol + 4] = 2 << 4 | info & 15
                changed += 1
    path.write_bytes(data)
    return changed


def archive(path, files):
    """Writes a zip that is there whole or not at all. `files`: what is in each; programs are those in a folder `scripts`."""
    new = path.with_suffix('.new')
    with zipfile.ZipFile(new, 'w', zipfile.ZIP_DEFLATED) as out:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, WHEN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            # pip looks for the mark of an ordinary file, too, before it believes that one is a program.
            entry.external_attr = (0o100755 if '.data/scripts/' in name else 0o100644) << 16
            out.writestr(entry, files[name])
    new.rename(path)


def wheel(folder, native, more):
    """Writes the Python module as a wheel. `more`: what else is in it, below the folder into which it is installed."""
    name = f'upseed-{version()}'
    tag = 'cp39-abi3-linux_x86_64'
    info = f'{name}.dist-info'
    python = ROOT / 'deluge-plugin/python/upseed'
    files = {f'upseed/{path.name}': path.read_bytes() for path in sorted(python.glob('*.*'))}
    files.update({f'upseed/{path.name}': path.read_bytes() for path in sorted(native.glob('*.so*'))})
    files.update({f'{name}.data/{path}': data for path, data in more.items()})
    files[f'{info}/METADATA'] = (
        f'Metadata-Version: 2.1\nName: upseed\nVersion: {version()}\nRequires-Python: >=3.9\n'
        'Summary: Posts and comments as tiny signed torrents: verify, inspect, create, rank\nLicense: MIT OR Apache-2.0\n'
    ).encode()
    files[f'{info}/WHEEL'] = f'Wheel-Version: 1.0\nGenerator: upseed\nRoot-Is-Purelib: false\nTag: {tag}\n'.encode()
    lines = []
    for path, data in sorted(files.items()):
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()
        lines.append(f'{path},sha256={digest},{len(data)}\n')
    files[f'{info}/RECORD'] = ''.join(lines + [f'{info}/RECORD,,\n']).encode()
    made = folder / f'{name}-{tag}.whl'
    archive(made, files)
    return made


if __name__ == '__main__':
    prefix = Path(sys.argv[1])
    take_libtorrent(prefix / 'lib/upseed')
    use_own_libtorrent(prefix / 'bin/upseed', '../lib/upseed')
