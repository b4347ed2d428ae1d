"""A stock libtorrent client on loopback, as any client out there is one.

    stock_peer.py download FOLDER (TORRENT | MAGNET) [ADDR:PORT]    prints the info dictionary and the text in hex
    stock_peer.py seed FOLDER TORRENT TEXT                          prints "seeding"

Then it seeds until its standard input ends; a line "port" there is answered with its listening port, and one
"dial ADDR:PORT" has it connect to a peer. Another address than 127.0.0.1 stands in STOCK_ADDRESS. It ends by itself after two
minutes.
"""
import os
import shutil
import signal
import sys
import time

import libtorrent as lt

signal.alarm(120)
address = os.environ.get('STOCK_ADDRESS', '127.0.0.1')
session = lt.session({
    'listen_interfaces': address + ':0', 'outgoing_interfaces': address, 'enable_dht': False, 'enable_lsd': False, 'enable_upnp': False,
    'enable_natpmp': False, 'allow_multiple_connections_per_ip': True, 'min_reconnect_time': 1,
})


def say(*words):
    print(*words, flush=True)


def until(done):
    end = time.monotonic() + 60
    while not done():
        if time.monotonic() > end:
            sys.exit(f'stock peer: not done in 60 s: {torrent.status().state}, {torrent.status().num_peers} peers')
        time.sleep(0.01)


kind, folder, what, *rest = sys.argv[1:]
params = lt.parse_magnet_uri(what) if what.startswith('magnet:') else lt.add_torrent_params()
if not what.startswith('magnet:'):
    params.ti = lt.torrent_info(what)
params.save_path = folder
if kind == 'seed':
    shutil.copyfile(rest[0], os.path.join(folder, params.ti.files().file_path(0)))
torrent = session.add_torrent(params)
if kind == 'seed':
    until(lambda: torrent.status().is_seeding)
    if torrent.status().total_payload_download:
        sys.exit('stock peer: the text is not what the torrent says')
    say('seeding')
else:
    if rest and rest[0]:
        host, _, port = rest[0].rpartition(':')
        torrent.connect_peer((host, int(port)))
    until(lambda: torrent.status().is_seeding)
    info = torrent.torrent_file()
    say(info.info_section().hex())
    path = os.path.join(folder, info.files().file_path(0))
    torrent.flush_cache()
    until(lambda: os.path.exists(path) and os.path.getsize(path) == info.total_size())
    with open(path, 'rb') as file:
        say(file.read().hex())

for line in sys.stdin:
    if line.startswith('dial '):
        host, _, port = line.split()[1].rpartition(':')
        torrent.connect_peer((host, int(port)))
        continue
    until(session.listen_port)
    say(session.listen_port())
