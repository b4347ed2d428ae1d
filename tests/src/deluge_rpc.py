"""Speaks to a real deluged for the tests: one JSON line in (method, arguments), one out.

Usage: deluge_rpc.py PORT USER PASSWORD
"""

import json
import sys
import threading

import deluge.ui.client
from twisted.internet import defer, reactor

client = deluge.ui.client.client


def plain(value):
    if isinstance(value, dict):
        return {str(plain(key)): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [plain(one) for one in value]
    if isinstance(value, bytes):
        return value.decode('utf-8', 'replace')
    return value


def say(what):
    sys.stdout.write(json.dumps(plain(what)) + '\n')
    sys.stdout.flush()


@defer.inlineCallbacks
def call(line):
    try:
        method, arguments = json.loads(line)
        part, name = method.split('.')
        result = yield getattr(getattr(client, part), name)(*arguments)
        say({'ok': result})
    except Exception as error:
        message = getattr(error, 'message', None) or str(error) or type(error).__name__
        say({'error': str(message)})


def lines():
    for line in sys.stdin:
        reactor.callFromThread(call, line)
    reactor.callFromThread(reactor.stop)


def connected(_result):
    client.set_disconnect_callback(lambda: None)
    say({'ok': 'connected'})
    threading.Thread(target=lines, daemon=True).start()


def refused(failure):
    say({'error': failure.getErrorMessage()})
    reactor.stop()


port, user, password = sys.argv[1:]
reactor.callWhenRunning(
    lambda: client.connect('127.0.0.1', int(port), user, password).addCallbacks(connected, refused)
)
reactor.run()
