"""`take_pipes`: standard input and output become the channel, before a model can use them."""

from __future__ import annotations

import os
import sys

from medview.worker.channel import Channel


def take_pipes() -> Channel:
    """The channel to the application; what is printed from now on goes to standard error."""
    incoming, outgoing = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115  a descriptor, for ever
    return Channel(os.fdopen(incoming, "rb"), os.fdopen(outgoing, "wb"))
