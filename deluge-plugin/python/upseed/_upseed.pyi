"""Upseed's node and formats."""

from collections.abc import Callable, Sequence
from os import PathLike
from typing import Any, final

__version__: str

class UpseedError(Exception):
    """What was asked for cannot be done; the message says why, and what to do about it."""

def verify(torrent: bytes, text: bytes | None = None) -> dict[str, Any]:
    """Checks the item in a .torrent and, if given, that `text` is its text."""

def inspect(what: bytes | str) -> dict[str, Any]:
    """Says everything about a .torrent (bytes) or a magnet link (str)."""

def create(
    phrase: str,
    text: str,
    *,
    board: str = "upseed",
    title: str | None = None,
    parent: bytes | None = None,
    root: bytes | None = None,
    time: int | None = None,
) -> bytes:
    """Signs a post or a comment with the key of 24 words; returns its .torrent."""

def rank(
    items: Sequence[tuple[str, float, int]],
    *,
    sort: str = "top",
    window: str = "all",
    now: int | None = None,
) -> list[str]:
    """Orders (id, score, time) as a list does."""

def log_to(callable: Callable[[str], object] | None) -> None:
    """Has each warning of every node called in, as one line, until the next call; None ends that."""

def _contract(client: Any, count: int = 5) -> None: ...

@final
class Node:
    """One person's node."""

    @property
    def address(self) -> str: ...
    @staticmethod
    def start(data: str | PathLike[str], settings: str = "{}", client: Any = None) -> Node: ...
    def stop(self) -> None: ...
    def is_running(self) -> bool: ...
    def status(self) -> str: ...
    def one_time_link(self) -> str: ...
    def frame_token(self) -> str: ...

@final
class Port:
    """The node's ear for Deluge's events."""

    def connected(self) -> None: ...
    def described(self, version: str, warnings: Sequence[str], paused: bool) -> None: ...
    def added(self, infohash: str) -> None: ...
    def removed(self, infohash: str) -> None: ...
    def limit_reached(self, infohash: str) -> None: ...
    def complete(self, infohash: str, complete: bool) -> None: ...
    def lost(self, infohash: str) -> None: ...
    def network(self) -> None: ...
    def tag(self) -> str: ...
    def close(self) -> None: ...

@final
class Reply:
    """Where the answer to one question of the node goes."""

    def done(self, json: str) -> None: ...
    def fail(self, reason: str) -> None: ...
