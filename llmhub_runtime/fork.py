"""What a forked child must not share with its parent.

A fork copies the memory, not the threads, and it shares the sockets. So whatever
holds threads, locks or connections begins anew in the child, and what it held there
is kept from the garbage collector, which would speak on the parent's connections.
"""

from __future__ import annotations

import os
import weakref
from typing import Protocol

__all__ = ["begins_anew", "leave_to_parent"]


class _Forgetful(Protocol):
    def forget(self) -> None: ...


_living: weakref.WeakSet[_Forgetful] = weakref.WeakSet()
_inherited: list[object] = []


def begins_anew(thing: _Forgetful) -> None:
    """Call ``thing.forget()`` first of all in every forked child."""
    _living.add(thing)


def leave_to_parent(thing: object) -> None:
    """Keep something that only the parent may use, or close, for ever."""
    _inherited.append(thing)


def _forget_all() -> None:
    for thing in list(_living):
        thing.forget()


if hasattr(os, "register_at_fork"):  # pragma: no branch (Windows does not fork)
    os.register_at_fork(after_in_child=_forget_all)
