"""Upseed: posts and comments as tiny signed torrents.

`verify`, `inspect`, `create` and `rank` need no network; `Node` is a whole node.
"""

from ._upseed import Node, UpseedError, __version__, create, inspect, rank, verify

__all__ = ['Node', 'UpseedError', '__version__', 'create', 'inspect', 'rank', 'verify']
