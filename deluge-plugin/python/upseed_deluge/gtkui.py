"""The plugin in Deluge's desktop interface: a page of the preferences, and a way to open the view."""

import logging

import deluge.component as component
from deluge.common import open_url_in_browser
from deluge.plugins.pluginbase import Gtk3PluginBase
from deluge.ui.client import client
from gi.repository import Gtk

log = logging.getLogger(__name__)

NAME = 'Upseed'


class GtkUI(Gtk3PluginBase):
    page = None
    item = None

    def enable(self):
        self.label = Gtk.Label(label='')
        self.label.set_line_wrap(True)
        self.label.set_selectable(True)
        self.label.set_xalign(0)
        button = Gtk.Button(label='Open the view')
        button.connect('clicked', self.open)
        self.page = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=10, margin=10)
        self.page.pack_start(self.label, False, False, 0)
        self.page.pack_start(button, False, False, 0)
        self.page.show_all()
        component.get('Preferences').add_page(NAME, self.page)
        component.get('PluginManager').register_hook('on_show_prefs', self.show)
        self.item = component.get('PluginManager').add_toolbar_button(
            self.open, label='Social', stock='gtk-network', tooltip='Open Upseed in the browser'
        )

    def disable(self):
        if self.page is not None:
            component.get('Preferences').remove_page(NAME)
            component.get('PluginManager').deregister_hook('on_show_prefs', self.show)
            self.page = None
        if self.item is not None:
            component.get('PluginManager').remove_toolbar_button(self.item)
            self.item = None

    def show(self):
        client.upseed.status().addCallbacks(self.told, self.failed)

    def told(self, status):
        node = status.get('node') or {}
        lines = [f'Upseed {status["version"]}', 'It runs.' if status['running'] else 'It does not run.']
        if status['error']:
            lines.append(status['error'])
        if status.get('note'):
            lines.append(status['note'])
        if node:
            lines.append(f'Hosted: {node["hosted"]}, people met: {node["peers"]}')
            lines.append(f'Data: {status["data"]}')
        self.label.set_text('\n'.join(lines + node.get('client_warnings', [])))

    def failed(self, failure):
        self.label.set_text(failure.getErrorMessage())

    def open(self, *_arguments):
        if not client.is_localhost() and not client.is_standalone():
            self.label.set_text('The daemon is another machine: open the view in its Deluge Web.')
            return
        client.upseed.one_time_link().addCallbacks(open_url_in_browser, self.failed)
