"""Debians of several releases to build in and to install into: this machine, or folders that scripts/root makes."""

import os
import subprocess
from pathlib import Path

from native import ROOT

# What the command is built with, and what its package is made with.
BUILD = ['ca-certificates', 'g++', 'make', 'pkg-config', 'libtorrent-rasterbar-dev', 'libssl-dev', 'dpkg-dev', 'patchelf',
         'binutils', 'python3']
NUMBERS = {'bookworm': '12', 'trixie': '13'}


def this_release():
    """What this machine is, if it is a Debian."""
    lines = Path('/etc/os-release').read_text().splitlines()
    facts = dict(line.split('=', 1) for line in lines if '=' in line)
    return facts.get('VERSION_CODENAME', '').strip('"') if facts.get('ID') == 'debian' else ''


def output(*command, **options):
    return subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE, text=True, **options).stdout


class Builder:
    """A Debian of one release with everything that a build needs."""

    def __init__(self, release):
        self.release = release
        self.is_here = this_release() == release
        self.root = None if self.is_here else output(ROOT / 'scripts/root', f'build-{release}', release, ','.join(BUILD)).strip()

    def run(self, *command, cwd=ROOT, env=None):
        """Runs a command there, in a folder of this one, and gives what it prints."""
        command = [str(part) for part in command]
        env = {**os.environ, **(env or {})}
        if self.is_here:
            return output(*command, cwd=cwd, env=env)
        # The toolchain is this machine's own: it runs on any glibc since 2.17.
        sysroot = output('rustc', '--print', 'sysroot').strip()
        home = Path(os.environ.get('CARGO_HOME', Path.home() / '.cargo'))
        env.update(PATH=f'{sysroot}/bin:/usr/sbin:/usr/bin:/sbin:/bin', CARGO_HOME=str(home), CARGO_NET_OFFLINE='true')
        for name in ('RUSTUP_HOME', 'RUSTUP_TOOLCHAIN', 'LD_LIBRARY_PATH'):
            env.pop(name, None)
        script = '''
            root=$1 cwd=$2; shift 2
            while [ "$1" != -- ]; do mkdir -p "$root$1"; mount --rbind "$1" "$root$1"; shift; done
            shift
            exec chroot "$root" sh -c 'cd "$0" && exec "$@"' "$cwd" "$@"
        '''
        seen = [str(ROOT), sysroot, str(home), '/dev', '/proc']
        return output('unshare', '-rm', 'sh', '-ec', script, 'sh', self.root, str(cwd), *seen, '--', *command, env=env)
