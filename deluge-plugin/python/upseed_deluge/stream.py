"""The node's events for a page, which never end: they are fetched on the reactor and handed on in pieces."""

import base64

from twisted.internet import defer, protocol, reactor

MAX_HEAD = 16 * 1024
# What is kept for a page that does not listen; then the stream ends, and the page begins a new one.
MAX_KEPT = 256 * 1024
# Seconds: a question for more is answered with nothing after one, and a stream that nobody asks for ends after the other.
QUIET = 20
FORGOTTEN = 60


class Stream(protocol.Protocol):
    """One request with an answer that goes on. HTTP/1.0, so that it comes without chunks."""

    def __init__(self, path, headers, ended):
        self.path = path
        self.headers = headers
        self.ended = ended
        self.begun = defer.Deferred()
        self.head = b''
        self.status = None
        self.kept = b''
        self.over = False
        self.asked = None
        self.quiet = None
        self.forgotten = None

    def connectionMade(self):
        lines = [f'GET {self.path} HTTP/1.0'] + [f'{name}: {value}' for name, value in self.headers.items()]
        self.transport.write('\r\n'.join(lines + ['', '']).encode('latin-1'))
        self.forgotten = reactor.callLater(FORGOTTEN, self.close)

    def dataReceived(self, data):
        if self.status is not None:
            self.keep(data)
            return
        self.head += data
        head, found, rest = self.head.partition(b'\r\n\r\n')
        if not found:
            if len(self.head) > MAX_HEAD:
                self.close()
            return
        try:
            first, *lines = head.decode('latin-1').split('\r\n')
            self.status = int(first.split(' ')[1])
            told = dict(line.split(':', 1) for line in lines)
        except (ValueError, IndexError):
            self.close()
            return
        begun, self.begun = self.begun, None
        if begun is not None:
            begun.callback((self.status, {name.lower(): value.strip() for name, value in told.items()}))
        if rest:
            self.keep(rest)

    def keep(self, data):
        self.kept += data
        if len(self.kept) > MAX_KEPT:
            self.close()
        self.tell()

    def hear(self):
        """What came since in base64, '' if nothing did for a while, None if nothing more comes."""
        if self.forgotten is not None and self.forgotten.active():
            self.forgotten.reset(FORGOTTEN)
        if self.asked is not None:
            self.tell(nothing=True)
        asked = self.asked = defer.Deferred()
        self.quiet = reactor.callLater(QUIET, self.tell, True)
        self.tell()
        return asked

    def tell(self, nothing=False):
        if self.asked is None or not (self.kept or self.over or nothing):
            return
        asked, self.asked = self.asked, None
        if self.quiet is not None and self.quiet.active():
            self.quiet.cancel()
        piece, self.kept = self.kept, b''
        # In base64: a piece may end within a character.
        asked.callback(None if self.over and not piece else base64.b64encode(piece).decode())

    def close(self):
        if self.transport is not None:
            self.transport.loseConnection()

    def connectionLost(self, reason=protocol.connectionDone):
        self.over = True
        if self.forgotten is not None and self.forgotten.active():
            self.forgotten.cancel()
        begun, self.begun = self.begun, None
        if begun is not None:
            begun.errback(reason)
        self.tell()
        self.ended(self)
