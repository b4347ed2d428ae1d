"""Runs deluged as it is, but for the thread by which Deluge 2.2 crashes.

That thread waits in libtorrent's `wait_for_alert`, which gives it a pointer into the queue of alerts. Before it has
Python's lock again, libtorrent may have moved that queue: then it reads freed memory, a segmentation fault in
__dynamic_cast. If Python ends meanwhile, the process aborts. Both were seen in a deluged without any plugin, on a busy
machine up to every second time that it was started and ended. Without that thread, a crash that a test sees is ours.
"""

import sys
import time

from deluge.core import alertmanager
from deluge.core.daemon_entry import start_daemon
from twisted.internet import reactor, threads


def look_for_alerts(self):
    """As Deluge's own, but looks now and then instead of being woken."""
    while self._component_state not in ('Stopping', 'Stopped'):
        time.sleep(0.05)
        if not self.check_delayed_calls() and self._event.wait():
            threads.blockingCallFromThread(reactor, self.maybe_handle_alerts)


if hasattr(alertmanager.AlertManager, 'wait_for_alert_in_thread'):
    alertmanager.AlertManager.wait_for_alert_in_thread = look_for_alerts
sys.exit(start_daemon())
