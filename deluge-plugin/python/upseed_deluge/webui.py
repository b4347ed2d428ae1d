"""The plugin in deluge-web: a Social button, and the view below it.

deluge-web may be another machine than deluged, and the node listens on deluged's loopback. So the view's requests go
through Deluge's own RPC (`upseed.request`). They come from a frame without an origin, which has no cookies: the node
checks the token that each of them carries, and only somebody who is logged in gets one.
"""

import base64
import logging
import os
import pkgutil
import re
import tempfile

import deluge.component as component
from deluge.configmanager import get_config_dir
from deluge.plugins.pluginbase import WebPluginBase
from deluge.ui.client import client
from twisted.internet import defer
from twisted.web import http, server
from twisted.web.resource import Resource

from . import loader

log = logging.getLogger(__name__)

LEVEL_ADMIN = 10
EVENTS = b'/upseed/api/v1/events'
MAX_BODY = 512 * 1024
FRAME = 'allow-scripts allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads'
# As the node makes them.
TOKEN = re.compile(rb'[0-9a-f]{64}')
# What every page of the view loads; kept here, so that whoever knows no token keeps nobody at work.
ASSET = re.compile(r'/upseed/assets/[A-Za-z0-9._-]{1,100}(\?v=[0-9a-f]{1,64})?')
MAX_ASSETS = 64
MAX_FETCHES = 4
# Read while the egg is surely the one that this code came from.
SCRIPT = pkgutil.get_data(__package__, 'data/upseed.js')
METHODS = (b'GET', b'HEAD', b'POST', b'OPTIONS')
PASSED = (b'accept', b'content-type', b'if-none-match', b'origin')


class WebUI(WebPluginBase):
    def __init__(self, plugin_name):
        # Deluge serves scripts from files, and this one is in a zip.
        try:
            folder = loader.private_folder(os.path.join(get_config_dir(), 'upseed'))
            folder = loader.private_folder(os.path.join(folder, 'web'))
            script = loader.written(folder, 'upseed.js', SCRIPT)
        except OSError as error:
            log.warning('Upseed: %s; its script lies in a temporary folder', error)
            self.temporary = tempfile.TemporaryDirectory(prefix='upseed-')
            script = loader.written(self.temporary.name, 'upseed.js', SCRIPT)
        self.waiting = Waiting()
        self.scripts = [script]
        self.debug_scripts = [script]
        super().__init__(plugin_name)

    def enable(self):
        component.get('JSON').putChild(b'upseed', Door(self.waiting))
        top().putChild(b'upseed', View(self.waiting))

    def disable(self):
        """Also when deluged has gone: Deluge Web ends its plugins then."""
        self.waiting.end()
        for parent in (component.get('JSON'), top()):
            parent.children.pop(b'upseed', None)
        # Deluge's own deregister_object changes a dictionary while it goes through it, and so fails.
        methods = component.get('JSON')._local_methods
        for name in [name for name, method in methods.items() if getattr(method, '__self__', None) is self]:
            del methods[name]

    def __del__(self):
        """The base class deregisters here, in the way that fails."""


def top():
    return component.get('DelugeWeb').top_level


def base_of(request):
    """Where Deluge Web lies for the browser, found as Deluge finds it."""
    header = request.getHeader(b'x-deluge-base')
    base = header.decode('latin-1') if header else component.get('DelugeWeb').base or '/'
    inner = base.strip('/')
    # Anything else would be markup in the pages that it is put into.
    if not inner or not re.fullmatch(r'[A-Za-z0-9._~/-]{1,200}', inner):
        return b'/'
    return f'/{inner}/'.encode()


def moved(data, headers, base):
    """The answer as Deluge Web's page needs it: it may lie below an address of its own behind another server, of which the
    node knows nothing. Nothing that a person wrote is touched: in HTML it has no plain quotation mark, in JSON none without
    a backslash."""
    if base == b'/':
        return data
    for name in ('location', 'refresh'):
        if name in headers:
            headers[name] = re.sub(r'(^|=)/upseed/', rf'\g<1>{base.decode()}upseed/', headers[name])
    if headers.get('content-type', '').startswith(('text/html', 'application/json')):
        return re.sub(rb'(?<!\\)"/upseed/', lambda _: b'"' + base + b'upseed/', data)
    return data


def asked(method, *arguments):
    """Calls the plugin in deluged; whatever is in the way is a failure with a sentence."""
    if not client.connected():
        return defer.fail(RuntimeError('Deluge Web is not connected to a daemon: choose one in its Connection Manager.'))
    return defer.maybeDeferred(getattr(client.upseed, method), *arguments)


def plain(request, status, text):
    request.setResponseCode(status)
    request.setHeader(b'content-type', b'text/plain; charset=utf-8')
    request.setHeader(b'content-security-policy', f"default-src 'none'; sandbox {FRAME}".encode())
    request.setHeader(b'x-content-type-options', b'nosniff')
    return text.encode()


class Waiting:
    """Requests that deluged has not answered yet. If it goes away it never will, and nobody says so."""

    def __init__(self):
        self.requests = {}

    def add(self, request):
        """Returns a list that has something in it once the request is over."""
        gone = self.requests[request] = []

        def over(_result):
            gone.append(True)
            self.requests.pop(request, None)

        request.notifyFinish().addBoth(over)
        return gone

    def end(self):
        for request in list(self.requests):
            if not request.startedWriting:
                request.write(plain(request, http.BAD_GATEWAY, 'The daemon is gone, or Upseed was disabled there.'))
            # The page of a stream asks again, by itself.
            request.finish()


class Door(Resource):
    """`/json/upseed/`: for those who are logged in to Deluge. It leads on to the view, with a token."""

    isLeaf = True

    def __init__(self, waiting):
        super().__init__()
        self.waiting = waiting

    def render_GET(self, request):
        try:
            component.get('Auth').check_request(request, level=LEVEL_ADMIN)
        except Exception:
            return plain(request, http.UNAUTHORIZED, 'Log in to Deluge first.')

        gone = self.waiting.add(request)

        def token(token):
            if gone:
                return
            dark = b'&theme=dark' if request.args.get(b'theme') == [b'dark'] else b''
            request.redirect(b'../../upseed/?token=' + token.encode() + dark)
            request.finish()

        asked('frame_token').addCallback(token).addErrback(told, request, gone)
        return server.NOT_DONE_YET


class View(Resource):
    """`/upseed/…`: the view. No log-in is looked at here: the frame has none to show."""

    isLeaf = True

    def __init__(self, waiting):
        super().__init__()
        self.waiting = waiting
        self.assets = {}
        self.fetching = 0

    def render(self, request):
        base = base_of(request)
        path = request.uri.decode('latin-1')
        if not path.startswith('/upseed/') and request.uri.startswith(base):
            path = path[len(base) - 1:]
        asset = request.method == b'GET' and ASSET.fullmatch(path) is not None
        if asset:
            return self.asset(request, path, base)
        if request.method not in METHODS:
            return plain(request, http.NOT_ALLOWED, 'The view knows no such request.')
        if not any(TOKEN.fullmatch(token) for token in request.args.get(b'token', [])):
            return plain(request, http.UNAUTHORIZED, 'Open this by the Social button of Deluge.')
        body = request.content.read(MAX_BODY + 1)
        if len(body) > MAX_BODY:
            return plain(request, http.REQUEST_ENTITY_TOO_LARGE, 'This is too long.')
        headers = {}
        for name in PASSED:
            value = request.getHeader(name)
            if value is not None and len(value) <= 1_000:
                headers[name.decode()] = value.decode('latin-1')
        if request.method == b'POST' or 'origin' in headers:
            # The page around the frame has Deluge's address, of which the node knows nothing. A frame has no origin.
            if headers.get('origin', 'null') != 'null':
                return plain(request, http.FORBIDDEN, 'A page of another site may not call this.')
        gone = self.waiting.add(request)

        def answered(answer):
            status, told_headers, data = answer
            if gone:
                return
            request.setResponseCode(status)
            data = moved(base64.b64decode(data), told_headers, base)
            for name, value in told_headers.items():
                request.setHeader(name.encode(), value.encode('latin-1'))
            # Opened without a frame it must have no origin either.
            policies = [told_headers.get('content-security-policy'), f'sandbox {FRAME}']
            policy = ', '.join(policy for policy in policies if policy)
            request.setHeader(b'content-security-policy', policy.encode('latin-1'))
            request.write(data)
            request.finish()

        if request.path == EVENTS and request.method == b'GET':
            Events(request, path, headers, gone)
            return server.NOT_DONE_YET
        answer = asked('request', request.method.decode(), path, headers, base64.b64encode(body).decode())
        answer.addCallback(answered).addErrback(told, request, gone)
        return server.NOT_DONE_YET

    def asset(self, request, path, base):
        """One of the few files that every page loads: asked of the node once."""
        kept = self.assets.get(path)
        if kept is not None:
            give(request, *kept)
            return server.NOT_DONE_YET
        if self.fetching >= MAX_FETCHES:
            return plain(request, http.SERVICE_UNAVAILABLE, 'Try again.')
        self.fetching += 1
        gone = self.waiting.add(request)

        def answered(answer):
            status, headers, data = answer
            data = moved(base64.b64decode(data), headers, base)
            if status == http.OK and len(self.assets) < MAX_ASSETS:
                self.assets[path] = status, headers, data
            if not gone:
                give(request, status, headers, data)

        def over(result):
            self.fetching -= 1
            return result

        # As a frame asks: without its origin the answer would be for no frame.
        answer = asked('request', 'GET', path, {'origin': 'null'}, '')
        answer.addBoth(over).addCallback(answered).addErrback(told, request, gone)
        return server.NOT_DONE_YET


def give(request, status, headers, data):
    request.setResponseCode(status)
    for name, value in headers.items():
        request.setHeader(name.encode(), value.encode('latin-1'))
    request.write(data)
    request.finish()


class Events:
    """The node's events, piece after piece, until the page or the node is gone."""

    def __init__(self, request, path, headers, gone):
        self.request = request
        self.gone = gone
        self.number = None
        asked('listen', path, headers).addCallback(self.begun).addErrback(self.failed)

    def begun(self, answer):
        status, headers, self.number = answer
        if not self.gone:
            self.request.setResponseCode(status)
            for name, value in headers.items():
                self.request.setHeader(name.encode(), value.encode('latin-1'))
            # Sends the headers.
            self.request.write(b'')
        return self.more('')

    def more(self, piece):
        if self.gone or piece is None:
            asked('unlisten', self.number).addErrback(lambda _: None)
            if not self.gone:
                self.request.finish()
            return None
        if piece:
            self.request.write(base64.b64decode(piece))
        # Not returned: a chain of callbacks would grow with each piece.
        asked('hear', self.number).addCallback(self.more).addErrback(self.failed)
        return None

    def failed(self, _failure):
        if not self.gone:
            # The page tries again by itself.
            self.request.finish()


def told(failure, request, gone):
    """What deluged says, as a page."""
    if gone:
        return
    message = getattr(failure.value, 'message', None) or failure.getErrorMessage()
    if 'invalid function' in str(message):
        message = 'Upseed is not enabled in the daemon: Preferences, Plugins.'
    request.write(plain(request, http.BAD_GATEWAY, str(message)))
    request.finish()
