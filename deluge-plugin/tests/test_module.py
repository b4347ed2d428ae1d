"""The module as `import upseed`: python3 -m pytest deluge-plugin/tests, with the wheel's folder in PYTHONPATH."""

import json
import threading
import time

import pytest

import upseed

PHRASE = ' '.join(['abandon'] * 23 + ['art'])


def post(text='Hello\n', **more):
    return upseed.create(PHRASE, text, title='First words', **more)


def test_what_is_created_is_verified():
    torrent = post(time=1_800_000_000)
    item = upseed.verify(torrent, b'Hello\n')
    assert item['kind'] == 'post' and item['title'] == 'First words' and item['time'] == 1_800_000_000
    assert item == upseed.inspect(torrent)
    assert post(time=1_800_000_000) == torrent


def test_a_comment_names_its_parent():
    parent = upseed.verify(post())
    link = bytes.fromhex(parent['id'] + parent['work'])
    item = upseed.verify(upseed.create(PHRASE, 'Well said\n', parent=link))
    assert item['kind'] == 'comment' and item['parent'] == item['root'] == parent['id']


@pytest.mark.parametrize('torrent', [b'', b'd', b'de', b'd4:infodee', b'l' * 60_000, bytes(3_000)])
def test_what_is_no_item_is_refused(torrent):
    with pytest.raises(upseed.UpseedError):
        upseed.verify(torrent)


def test_changed_bytes_are_refused():
    torrent = bytearray(post())
    torrent[torrent.index(b'First words') + 2] ^= 1
    with pytest.raises(upseed.UpseedError):
        upseed.verify(bytes(torrent))
    with pytest.raises(upseed.UpseedError, match="not the item's text"):
        upseed.verify(post(), b'Something else\n')


@pytest.mark.parametrize('more', [{}, {'title': 'A', 'parent': bytes(52)}, {'parent': b'short'}])
def test_neither_post_nor_comment(more):
    with pytest.raises(upseed.UpseedError):
        upseed.create(PHRASE, 'Hello\n', **more)


def test_magnet():
    item = upseed.inspect(post())
    assert upseed.inspect(f'magnet:?xt=urn:btih:{item["id"]}')['id'] == item['id']


def test_rank():
    items = [('old', 100.0, 1_700_000_000), ('new', 1.0, 1_800_000_000), ('best', 200.0, 1_700_000_000)]
    assert upseed.rank(items) == ['best', 'old', 'new']
    assert upseed.rank(items, sort='new') == ['new', 'best', 'old']
    assert upseed.rank(items, sort='hot') == ['new', 'best', 'old']
    assert upseed.rank(items, window='day', now=1_800_000_100) == ['new']
    with pytest.raises(upseed.UpseedError, match='expected one of'):
        upseed.rank(items, sort='worst')


def test_others_run_while_work_is_done():
    """The interpreter's lock is let go of: another thread counts while proofs of work are sought."""
    counted = [0]
    seen = []

    def work():
        for number in range(200):
            before = counted[0]
            post(f'{number}\n')
            if counted[0] - before > 2:
                seen.append(number)
                return

    thread = threading.Thread(target=work)
    thread.start()
    while thread.is_alive():
        counted[0] += 1
        time.sleep(0.001)
    thread.join()
    assert seen, 'nobody counted while a post was made'


def start(folder):
    settings = {'dht': False, 'lsd': False, 'swarm_listen': '127.0.0.1:0'}
    return upseed.Node.start(folder, json.dumps(settings))


def test_a_node(tmp_path):
    node = start(tmp_path / 'dätä')
    assert json.loads(node.status())['client'] == 'embedded'
    assert node.one_time_link().startswith(f'http://{node.address}/upseed/open?ticket=')
    with pytest.raises(upseed.UpseedError, match='another upseed'):
        start(tmp_path / 'dätä')
    node.stop()
    node.stop()
    assert not node.is_running()
    with pytest.raises(upseed.UpseedError, match='stopped'):
        node.status()
    start(tmp_path / 'dätä').stop()


@pytest.mark.parametrize('settings', ['', '7', '{"unknown": 1}', '{"peers": "x"}', '{"listen": "nowhere"}'])
def test_wrong_settings_are_said(tmp_path, settings):
    with pytest.raises(upseed.UpseedError, match='settings are wrong'):
        upseed.Node.start(tmp_path, settings)


def test_a_client_that_raises_is_a_client_that_failed(tmp_path):
    class Broken:
        def attach(self, port):
            raise KeyError('broken')

    class BrokenLater:
        def attach(self, port):
            self.port = port

        def ask(self, what, about, answer):
            answer.fail('not yet')

        def begin(self):
            raise KeyError('broken')

    for broken in Broken(), BrokenLater():
        with pytest.raises(KeyError):
            upseed.Node.start(tmp_path, '{"dht": false, "lsd": false, "swarm_listen": "127.0.0.1:0"}', broken)
    # Nothing of these is left.
    start(tmp_path).stop()


def test_a_client_that_forgets_to_answer(tmp_path):
    class Forgetful:
        def attach(self, port):
            self.port = port

        def begin(self):
            self.port.described('1', [], False)
            self.port.connected()

        def ask(self, what, about, answer):
            pass

    with pytest.raises(upseed.UpseedError, match='did not answer'):
        upseed._upseed._contract(Forgetful())
