"""What the plugin says of Deluge's way out; with the egg in PYTHONPATH."""

import pytest

way = pytest.importorskip('upseed_deluge.way')

NO_PROXY = {'type': 0, 'hostname': '', 'port': 0, 'username': '', 'password': ''}
OPEN = {'outgoing_interface': '', 'listen_interface': '', 'proxy': NO_PROXY, 'dht': True, 'lsd': True, 'upnp': True,
        'natpmp': True}


def test_what_deluge_does_without_is_off():
    assert way.way_out(OPEN) == ({'interface': None, 'proxy': None, 'off': dict.fromkeys(way.MEANS, False)}, None)
    for key in way.MEANS:
        told, closed = way.way_out(dict(OPEN, **{key: False}))
        assert told['off'] == {other: other == key for other in way.MEANS}
        assert closed is None


def test_what_the_plugin_decides_of_is_not():
    shut = dict(OPEN, dht=False, lsd=False, upnp=False, natpmp=False)
    told, _ = way.way_out(shut, ['dht'])
    assert told['off'] == {'dht': False, 'lsd': True, 'upnp': True, 'natpmp': True}


@pytest.mark.parametrize('missing', ['upnp', 'dht', 'proxy', 'listen_interface'])
def test_what_is_not_understood_closes_it(missing):
    config = {key: value for key, value in OPEN.items() if key != missing}
    told, closed = way.way_out(config)
    assert told == {'nowhere': True}
    assert 'not understood' in closed
