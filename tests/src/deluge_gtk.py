"""Deluge's desktop interface in one process with its daemon, for the tests: says what the plugin shows in it.

Usage: deluge_gtk.py CONFIG_DIR (on a display; the plugin is enabled in core.conf)
"""

import builtins
import json
import os
import sys

builtins._ = lambda text: text
builtins._n = lambda one, many, number: one if number == 1 else many
config = sys.argv[1]
sys.argv = ['deluge-gtk', '-c', config, '-l', os.path.join(config, 'gtk-log')]

import deluge.component as component  # noqa: E402
import deluge.ui.gtk3.gtkui as gtkui  # noqa: E402
from deluge.ui.gtk3 import Gtk  # noqa: E402


def pages():
    found = []
    component.get('Preferences').liststore.foreach(lambda model, _path, row, _data: found.append(model.get_value(row, 1)), None)
    return 'Upseed' in found


def look(reactor):
    try:
        plugin = component.get('Gtk3Plugin.Upseed')
        if 'It runs.' not in plugin.label.get_text():
            plugin.show()
            raise KeyError('not yet')
    except (KeyError, AttributeError):
        reactor.callLater(0.2, look, reactor)
        return
    told = {'label': plugin.label.get_text(), 'page': pages()}
    plugin.disable()
    plugin.disable()
    told['page_after'] = pages()
    print('TOLD', json.dumps(told), flush=True)
    # Nothing of this process is of use any more.
    os._exit(0)


start = gtkui.GtkUI.start


def started(self):
    from twisted.internet import reactor

    reactor.callLater(0.2, look, reactor)
    return start(self)


gtkui.GtkUI.start = started
Gtk().start()
