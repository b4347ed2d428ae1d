"""Upseed for Deluge: the node runs inside deluged, its view stands in Deluge's own pages.

Nothing is imported before it is needed: deluge-web and the desktop interface load this egg too.
"""

import importlib

from deluge.plugins.init import PluginInitBase


def renewed():
    """Python remembers where in the egg each file lies, and the egg may be another one since."""
    importlib.invalidate_caches()
    loader = globals().get('__loader__')
    if hasattr(loader, 'invalidate_caches'):
        loader.invalidate_caches()


class CorePlugin(PluginInitBase):
    def __init__(self, plugin_name):
        renewed()
        from .core import Core as _plugin_cls

        self._plugin_cls = _plugin_cls
        super().__init__(plugin_name)


class WebUIPlugin(PluginInitBase):
    def __init__(self, plugin_name):
        renewed()
        from .webui import WebUI as _plugin_cls

        self._plugin_cls = _plugin_cls
        super().__init__(plugin_name)


class GtkUIPlugin(PluginInitBase):
    def __init__(self, plugin_name):
        renewed()
        from .gtkui import GtkUI as _plugin_cls

        self._plugin_cls = _plugin_cls
        super().__init__(plugin_name)
