"""How Deluge goes out to the network: the node's own engine goes the same way, or by nothing."""

PROXIES = {1: 'socks4', 2: 'socks5', 3: 'socks5', 4: 'http', 5: 'http'}
# Ways to find others and to be reached, which the engine does without if Deluge does.
MEANS = ('dht', 'lsd', 'upnp', 'natpmp')
# Changes of these are told at once.
KEYS = ('proxy', 'outgoing_interface', 'listen_interface') + MEANS
I2P = 6

SILENT = 'Upseed\'s own engine is silent until that is changed; what Deluge has it hosts as before.'


def way_out(config, chosen=()):
    """The way as the node is told it, and a sentence if it cannot be taken. Whatever is odd closes it.

    `chosen` are the means that the plugin's own settings decide of.
    """
    try:
        interface = config['outgoing_interface'].strip() or config['listen_interface'].strip()
        proxy = config['proxy']
        used = ('proxy_peer_connections', 'proxy_tracker_connections', 'force_proxy')
        off = {key: key not in chosen and not config[key] for key in MEANS}
        told = {'interface': interface or None, 'proxy': None, 'off': off}
        # With a proxy for trackers alone the engine goes through it altogether: a tracker would see the address else.
        if not proxy['type'] or not any(proxy.get(key, True) for key in used):
            return told, None
        if proxy['type'] == I2P:
            return {'nowhere': True}, f'Deluge goes out through I2P, which Upseed cannot. {SILENT}'
        named = proxy['type'] in (3, 5)
        told['proxy'] = {
            'kind': PROXIES[proxy['type']],
            'host': proxy['hostname'],
            'port': proxy['port'],
            'user': proxy['username'] if named else '',
            'password': proxy['password'] if named else '',
        }
        port = proxy['port']
        if not isinstance(proxy['hostname'], str) or not proxy['hostname'] or type(port) is not int or not 0 < port < 65_536:
            return {'nowhere': True}, f'Deluge\'s proxy has no address and port that Upseed can use. {SILENT}'
        return told, None
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        return {'nowhere': True}, f'Deluge\'s network settings are not understood ({error!r}). {SILENT}'
