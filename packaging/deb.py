"""The Debian package."""

import os
import re
import shutil
import tempfile
from pathlib import Path

from debian import NUMBERS
from native import ROOT, version

HERE = Path(__file__).resolve().parent
MAINTAINER = 'The Upseed authors <upseed@localhost.invalid>'


def make(builder, program, shipped, egg, out, when):
    """Writes the package of one release. `shipped`: what `upseed shipped` wrote; `when`: of when the sources are."""
    release = NUMBERS[builder.release]
    name = f'upseed_{version()}+deb{release}_amd64.deb'
    with tempfile.TemporaryDirectory(dir=out) as temporary:
        os.chmod(temporary, 0o755)
        stage = Path(temporary) / 'stage'
        shutil.copytree(shipped, stage / 'usr')
        put(program, stage / 'usr/bin/upseed', 0o755)
        put(egg, stage / 'usr/lib/upseed' / egg.name)
        put(HERE / 'deb/sysusers.conf', stage / 'usr/lib/sysusers.d/upseed.conf')
        doc = stage / 'usr/share/doc/upseed'
        put(HERE / 'deb/copyright', doc / 'copyright')
        put(ROOT / 'CHANGELOG.md', doc / 'changelog')
        builder.run('gzip', '-9n', doc / 'changelog')
        builder.run('sh', '-c', 'exec gzip -9n "$@"', 'sh', *sorted((stage / 'usr/share/man/man1').iterdir()))
        control = stage / 'DEBIAN'
        control.mkdir()
        size = sum(path.stat().st_size for path in (stage / 'usr').rglob('*') if path.is_file()) // 1024
        (control / 'control').write_text(
            f'Package: upseed\nVersion: {version()}+deb{release}\nArchitecture: amd64\nMaintainer: {MAINTAINER}\n'
            f'Installed-Size: {size}\nDepends: {depends(builder, stage)}\n'
            'Suggests: qbittorrent | transmission-daemon | deluged\n'
            'Section: net\nPriority: optional\nDescription: posts and comments as tiny torrents; an upvote hosts them\n'
            ' Upseed is a forum without a server. Posts and comments are signed text torrents of a few\n'
            ' kilobytes. Upvoting one makes your own torrent client download and seed it, and each node ranks\n'
            ' what it knows for its own user.\n'
        )
        for script in ('postinst', 'prerm', 'postrm'):
            put(HERE / 'deb' / script, control / script, 0o755)
        for folder in [stage, *(path for path in stage.rglob('*') if path.is_dir())]:
            folder.chmod(0o755)
        builder.run('dpkg-deb', '--root-owner-group', '-Zxz', '--build', stage, out / name,
                    env={'SOURCE_DATE_EPOCH': str(when)})
    return out / name


def put(source, target, mode=0o644):
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(mode)


def depends(builder, stage):
    """The libraries' packages, as this release's own tool finds them."""
    (stage.parent / 'debian').mkdir()
    (stage.parent / 'debian/control').write_text('Source: upseed\n\nPackage: upseed\nArchitecture: any\n')
    found = builder.run('dpkg-shlibdeps', '-O', stage / 'usr/bin/upseed', cwd=stage.parent)
    return re.search(r'shlibs:Depends=(.+)', found)[1]
