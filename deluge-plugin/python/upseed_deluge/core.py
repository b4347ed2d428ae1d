"""The plugin in deluged: it runs the node, and says how it stands."""

import base64
import collections
import functools
import http.client
import json
import logging
import os
import threading
import time

import deluge.component as component
from deluge.configmanager import ConfigManager, close, get_config_dir
from deluge.core.rpcserver import export
from deluge.common import AUTH_LEVEL_ADMIN
from deluge.plugins.pluginbase import CorePluginBase
from twisted.internet import defer, endpoints, reactor, threads
from twisted.python.threadpool import ThreadPool

from . import loader, made
from .client import Client
from .stream import Stream

log = logging.getLogger(__name__)

# None: as Deluge itself does.
DEFAULTS = {
    'listen': '127.0.0.1:0',
    'hosts': [],
    'swarm_listen': None,
    'dht': None,
    'lsd': None,
    'bootstrap': [],
    'peers': [],
}
# Seconds for one request of a page; `upseed --wait` has 60.
PATIENCE = 90
MAX_BODY = 512 * 1024
# Open pages that hear of what happens.
MAX_STREAMS = 32
# Requests of pages at the same time, and those that wait for one of these to end.
THREADS = 16
MAX_WAITING = 200
# Seconds for which the node of before may take to end.
ENDING = 15
# An answer is one page: some hundred kilobytes.
MAX_ANSWER = 8 * 1024 * 1024
METHODS = ('GET', 'HEAD', 'POST', 'OPTIONS')
PASSED = {'accept', 'accept-encoding', 'content-type', 'if-none-match', 'origin'}
TOLD = {'content-type', 'content-encoding', 'etag', 'location', 'cache-control', 'refresh', 'content-security-policy',
        'access-control-allow-origin', 'vary', 'x-content-type-options', 'referrer-policy', 'cross-origin-resource-policy',
        'cross-origin-opener-policy', 'content-disposition'}

REPLACED = 'Another egg of Upseed was put in place: restart deluged to use it.'
# The node's own warnings, the last ones.
HEARD = collections.deque(maxlen=10)


def heard(line):
    """A warning of the node's, from a thread of its own."""
    HEARD.append(line)
    log.warning('Upseed: %s', line)


class Core(CorePluginBase):
    def __init__(self, plugin_name):
        self.node = None
        self.client = None
        self.module = None
        self.error = None
        self.begun = None
        self.ending = None
        self.enabled = False
        self.config = None
        self.pool = None
        self.asked = 0
        self.beginning = 0
        self.streams = {}
        self.streamed = 0
        super().__init__(plugin_name)

    # --- Life ---

    def enable(self):
        if self.enabled:
            return
        self.enabled = True
        self.error = None
        self.data = os.path.join(get_config_dir(), 'upseed')
        path = os.path.join(get_config_dir(), 'upseed.conf')
        try:
            check_config(path)
            self.config = ConfigManager('upseed.conf', dict(DEFAULTS))
            settings, chosen = self.settings()
        except Exception as error:
            # A broken file of ours is no reason to harm the daemon, nor to run otherwise than it may say.
            self.failed(f'{path} cannot be used: {error}. Mend it, or delete it and its defaults hold.')
            return
        # Requests wait for the node, some for minutes: Deluge's own few threads are not for that.
        self.pool = ThreadPool(0, THREADS, 'upseed')
        # Deluge ends without asking a plugin, and Python waits at its end for every thread that is none of these.
        self.pool.threadFactory = functools.partial(threading.Thread, daemon=True)
        self.pool.start()
        self.client = Client(self.hook_failed, chosen)
        # The node opens its database and binds its ports: not on the reactor.
        self.begun = threads.deferToThread(self.start_node, self.client, settings)
        self.begun.addErrback(self.not_started)

    def settings(self):
        """The node's, as JSON, and what they decide of whatever Deluge does."""
        settings = {key: self.config[key] for key in DEFAULTS}
        chosen = [key for key in ('dht', 'lsd') if settings[key] is not None]
        # As Deluge does, which `way` tells.
        settings.update({key: True for key in ('dht', 'lsd') if key not in chosen})
        return json.dumps(settings), chosen

    def start_node(self, client, settings):
        """In a thread."""
        self.module = loader.load(self.data)
        self.module.log_to(heard)
        deadline = time.monotonic() + ENDING
        while self.enabled and self.client is client:
            try:
                node = self.module.Node.start(self.data, settings, client)
            except self.module.UpseedError as error:
                # Perhaps the one that was just disabled, and is about to end.
                if 'another upseed' not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
                continue
            if self.enabled and self.client is client:
                self.node = node
            else:
                # Disabled meanwhile: Deluge may have ended, and nobody would do it later.
                node.stop()
            return

    def hook_failed(self, message):
        self.failed(f'{message} ({time.strftime("%Y-%m-%d %H:%M")})')

    def not_started(self, failure):
        self.failed(failure.getErrorMessage())

    def failed(self, message):
        """One sentence for the status; the daemon goes on."""
        self.error = str(message)[:500]
        log.error('Upseed: %s', self.error)

    def disable(self):
        """Undoes `enable`, also when that failed half-way or was done already."""
        if self.ending is not None:
            # It is over when the first one is.
            done = defer.Deferred()
            self.ending.addBoth(lambda _: done.callback(None))
            return done
        self.enabled = False
        self.forget_methods()
        for stream in list(self.streams.values()):
            stream.close()
        client, self.client = self.client, None
        if client is not None:
            client.stop()
        begun, self.begun = self.begun, None
        pool, self.pool = self.pool, None
        if self.config is not None:
            timer = getattr(self.config, '_save_timer', None)
            if timer is not None and timer.active():
                timer.cancel()
                self.config.save()
            # What the file says then holds the next time.
            close('upseed.conf')
            self.config = None

        def stop(_result):
            node, self.node = self.node, None
            if node is not None:
                return threads.deferToThread(node.stop)
            return None

        def stopped(_result):
            self.ending = None
            if self.module is not None:
                self.module.log_to(None)
            if pool is not None:
                # It waits for its threads, which have nothing to wait for any more.
                threading.Thread(target=pool.stop, name='upseed-end', daemon=True).start()

        done = defer.Deferred()
        self.ending = ending = begun or defer.succeed(None)
        ending.addBoth(stop)
        ending.addErrback(lambda failure: self.failed(failure.getErrorMessage()))
        ending.addBoth(stopped)
        ending.addBoth(lambda _: done.callback(None))
        return done

    def forget_methods(self):
        """Deluge's own deregister_object changes a dictionary while it goes through it, and so fails."""
        methods = component.get('RPCServer').factory.methods
        for name in [name for name, method in methods.items() if getattr(method, '__self__', None) is self]:
            del methods[name]

    def __del__(self):
        """The base class deregisters here, in the way that fails."""

    # --- What others may ask ---

    @export
    def status(self):
        """How it stands; `error` is one sentence."""
        status = {
            'version': made.version,
            'running': self.node is not None,
            'error': self.error,
            'data': getattr(self, 'data', ''),
            'note': REPLACED if loader.is_replaced(os.path.join(get_config_dir(), 'plugins')) else None,
            'heard': list(HEARD),
            'longest_slice': self.client.slices.longest if self.client else 0.0,
        }
        if self.node is None:
            return status
        status['address'] = self.node.address
        asked = threads.deferToThread(self.node.status)

        def told(text):
            status['node'] = json.loads(text)
            return status

        def failed(failure):
            status['error'] = failure.getErrorMessage()
            return status

        asked.addCallbacks(told, failed)
        return asked

    @export(AUTH_LEVEL_ADMIN)
    def one_time_link(self):
        """A link that opens the view once, in a browser on the daemon's machine."""
        return threads.deferToThread(self.running().one_time_link)

    @export(AUTH_LEVEL_ADMIN)
    def frame_token(self):
        """A short-lived token with which a page of Deluge's shows the view in a frame."""
        return threads.deferToThread(self.running().frame_token)

    @export(AUTH_LEVEL_ADMIN)
    def request(self, method, path, headers, body):
        """Passes a request of such a frame on to the node. The node checks its token.

        Returns the status, the headers, and the body in base64.
        """
        return defer.maybeDeferred(self.pass_on, method, path, headers, body).addErrback(refusal)

    def pass_on(self, method, path, headers, body):
        if method not in METHODS:
            raise ValueError('not a request of the view')
        check_path(path)
        body = base64.b64decode(body)
        if len(body) > MAX_BODY:
            raise ValueError('too large')
        return self.in_pool(forward, self.running().address, method, path, passed(headers), body)

    def in_pool(self, what, *arguments):
        if self.asked >= MAX_WAITING:
            raise RuntimeError('Upseed has too much to do; try again.')
        self.asked += 1

        def done(result):
            self.asked -= 1
            return result

        return threads.deferToThreadPool(reactor, self.pool, what, *arguments).addBoth(done)

    @export(AUTH_LEVEL_ADMIN)
    def listen(self, path, headers):
        """Begins to listen to the node's events for a page: the status, the headers, and a number for `hear`."""
        # No stream has the number 0.
        refused = lambda failure: (*refusal(failure)[:2], 0)
        return defer.maybeDeferred(self.listen_to, path, headers).addErrback(refused)

    def listen_to(self, path, headers):
        check_path(path)
        host, port = self.running().address.rsplit(':', 1)
        if self.beginning >= MAX_STREAMS:
            raise RuntimeError('Upseed has too much to do; try again.')
        self.streamed += 1
        number = self.streamed
        asked = dict(passed(headers), Host=f'{host}:{port}')
        asked.pop('accept-encoding', None)
        stream = Stream(path, asked, lambda _: self.streams.pop(number, None))
        self.beginning += 1
        made = endpoints.HostnameEndpoint(reactor, host.strip('[]'), int(port), timeout=5)
        connected = endpoints.connectProtocol(made, stream)
        connected.addCallback(lambda _: stream.begun)

        def begun(told):
            status, told_headers = told
            # Only what the node lets in takes the place of another.
            while status == 200 and len(self.streams) >= MAX_STREAMS:
                # The one that was begun first; its page begins anew if it is still there.
                first = min(self.streams)
                self.streams.pop(first).close()
            if not self.enabled or status != 200:
                stream.close()
            else:
                self.streams[number] = stream
            return status, {k: v for k, v in told_headers.items() if k in TOLD}, number

        def over(result):
            self.beginning -= 1
            return result

        return connected.addCallback(begun).addBoth(over)

    @export(AUTH_LEVEL_ADMIN)
    def hear(self, number):
        """What came since, in base64; '' if nothing did for a while, None when it is over."""
        stream = self.streams.get(number)
        return stream.hear() if stream is not None else None

    @export(AUTH_LEVEL_ADMIN)
    def unlisten(self, number):
        """Nobody listens any more."""
        stream = self.streams.pop(number, None)
        if stream is not None:
            stream.close()

    @export
    def get_config(self):
        self.configured()
        return {key: self.config[key] for key in DEFAULTS}

    @export(AUTH_LEVEL_ADMIN)
    def set_config(self, config):
        """Takes effect when the plugin is enabled the next time."""
        self.configured()
        for key, value in config.items():
            if key in DEFAULTS:
                self.config[key] = value
        self.config.save()

    def configured(self):
        if self.config is None:
            raise RuntimeError(self.error or 'Upseed is disabled.')

    def running(self):
        if self.node is None:
            raise RuntimeError(self.error or 'Upseed is still starting; try again.')
        return self.node


def check_config(path):
    """Raises ValueError if there is such a file and it is not what Deluge writes: two JSON objects in a row. Deluge itself
    would go on with the defaults."""
    try:
        with open(path, encoding='utf-8') as file:
            text = file.read().strip()
    except FileNotFoundError:
        return
    decoder = json.JSONDecoder()
    objects = []
    while text:
        one, end = decoder.raw_decode(text)
        objects.append(one)
        text = text[end:].strip()
    if len(objects) != 2 or not all(isinstance(one, dict) for one in objects):
        raise ValueError('not two JSON objects in a row, as Deluge writes them')


def refusal(failure):
    """An answer instead of an exception: with that Deluge would write the whole request into its logs, the token of a page
    and what a person wrote among it."""
    headers = {
        'content-type': 'text/plain; charset=utf-8',
        'content-security-policy': "default-src 'none'",
        'x-content-type-options': 'nosniff',
    }
    return int(http.client.BAD_GATEWAY), headers, base64.b64encode(failure.getErrorMessage().encode()).decode()


def check_path(path):
    """Nothing but an address of the view goes to the node."""
    if not path.startswith('/upseed/') or len(path) > 8_192 or any(not 32 < ord(char) < 127 for char in path):
        raise ValueError('not an address of the view')


def passed(headers):
    """The headers that the node is to see: none with which a browser would prove who it is."""
    plain = {name.lower(): value for name, value in headers.items() if value.isprintable()}
    return {name: value for name, value in plain.items() if name in PASSED}


def forward(address, method, path, headers, body):
    """In a thread: one request to the node."""
    connection = http.client.HTTPConnection(address, timeout=PATIENCE)
    try:
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        if answer.getheader('content-type', '').startswith('text/event-stream'):
            raise ValueError('this never ends: use listen')
        data = answer.read(MAX_ANSWER + 1)
        if len(data) > MAX_ANSWER:
            raise ValueError('the answer is too large')
        told = {name.lower(): value for name, value in answer.getheaders() if name.lower() in TOLD}
        return answer.status, told, base64.b64encode(data).decode()
    finally:
        connection.close()
