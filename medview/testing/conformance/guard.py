"""`Guard`: what the process in which the checks are made is kept from, and by what."""

from __future__ import annotations

from dataclasses import dataclass

from medview.worker.confine import Network


@dataclass(frozen=True, slots=True)
class Guard:
    """What was done about this process before anything of a model was imported.

    Attributes
    ----------
    network : {"namespace", "refused", "blocked", "open"}
        By what the network is kept from it.
    writes_kept : bool or None
        Whether the kernel lets it write to its own folders only; None where nobody asked for it.
    """

    network: Network = "open"
    writes_kept: bool | None = None


def in_words(network: Network, writes_kept: bool | None) -> str:
    """How far a run was kept from harm, in sentences."""
    told = (
        "The kernel kept the network from it and from all that it starts."
        if network == "namespace"
        else "Python's own calls alone were watched, since this system gives a process no network "
        "of its own: what a C library or another program sends is not seen."
    )
    if writes_kept is None:
        return told
    where = "only to its own folders" if writes_kept else "wherever this user can"
    return f"{told} It could write {where}."
