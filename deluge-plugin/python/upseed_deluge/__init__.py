"""Upseed for Deluge: the node runs inside deluged, its view stands in Deluge's own pages.

Nothing is imported before it is needed: deluge-web and the desktop interface load this egg too.
"""

from deluge.plugins.init import PluginInitBase


class CorePlugin(PluginInitBase):
    def __init__(self, plugin_name):
        from .core import Core as _plugin_cls

        self._plugin_cls = _plugin_cls
        super().__init__(plugin_name)


class WebUIPlugin(PluginInitBase):
    def __init__(self, plugin_name):
        from .webui import WebUI as _plugin_cls

        self._plugin_cls = _plugin_cls
        super().__init__(plugin_name)


class GtkUIPlugin(PluginInitBase):
    def __init__(self, plugin_name):
        from .gtkui import GtkUI as _plugin_cls

        self._plugin_cls = _plugin_cls
        super().__init__(plugin_name)
