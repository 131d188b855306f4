"""What a worker does to itself before any model is imported: it gives up what it does not need."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from medview.worker.landlock import keep_to
from medview.worker.mounts import cover_home, keep_to_mounts, listening_sockets
from medview.worker.namespaces import (
    die_with_parent,
    drop_capabilities,
    go_on_inside,
    leave_network,
)
from medview.worker.sockets import refuse_sockets

Network = Literal["namespace", "refused", "blocked", "open"]
"""``namespace``: the kernel shows none; ``refused``: the kernel refuses TCP, Python the rest;
``blocked``: Python's sockets refuse; ``open``: as agreed."""
NETWORK_WORDS: dict[Network, str] = {
    "namespace": "no network (kernel namespace)",
    "refused": "no network (TCP refused by the kernel, other sockets blocked in the process)",
    "blocked": "no network (sockets blocked in the process)",
    "open": "with network, as agreed",
}
_STRICTNESS: tuple[Network, ...] = ("open", "blocked", "refused", "namespace")


@dataclass(frozen=True, slots=True)
class Confinement:
    """What was done to a process.

    Attributes
    ----------
    network : Network
    writes_kept : bool
        Whether the kernel keeps it from changing anything outside its own folders.
    alone : bool
        Whether it sees no other program: neither processes nor what they listen on.
    home_hidden : bool
        Whether it sees nothing of the person's home but what it runs from.
    """

    network: Network
    writes_kept: bool = False
    alone: bool = False
    home_hidden: bool = False

    @property
    def words(self) -> str:
        """In what a model runs, for people."""
        writes = ", writing nowhere but in a folder of its own" if self.writes_kept else ""
        unseen = ["no other program"] if self.alone else []
        unseen += ["nothing of your home folder"] if self.home_hidden else []
        seeing = f", seeing {' and '.join(unseen)}" if unseen else ""
        return f"a process of its own, {NETWORK_WORDS[self.network]}{writes}{seeing}"

    def is_as_strict_as(self, other: Confinement) -> bool:
        """Whether it holds whatever `other` promises."""
        return (
            _STRICTNESS.index(self.network) >= _STRICTNESS.index(other.network)
            and self.writes_kept >= other.writes_kept
            and self.alone >= other.alone
            and self.home_hidden >= other.home_hidden
        )

    def as_message(self) -> dict[str, Any]:
        """For the first message of a worker."""
        return asdict(self)

    @classmethod
    def from_message(cls, message: Mapping[str, Any]) -> Confinement:
        """What a worker's first message says; raises ValueError where it does not."""
        held = [message.get(name) for name in ("writes_kept", "alone", "home_hidden")]
        for network in _STRICTNESS:
            if message.get("network") == network and all(isinstance(each, bool) for each in held):
                return cls(network, *map(bool, held))
        raise ValueError("It does not say what was done about network and files.")


def confine(
    folders: Sequence[Path], *, network: bool, readable: Sequence[str] | None = None
) -> Confinement:
    """Give up other programs, the network, and changing anything but `folders`.

    To be called first: it returns in another process where the kernel has process namespaces,
    and a namespace cannot be entered by a process with several threads.

    Parameters
    ----------
    folders : sequence of Path
        Where this process may write.
    network : bool
        Whether the user agreed to the network.
    readable : sequence of str, optional
        What it needs of the person's home beside the interpreter and the search path; None
        leaves it all in sight.
    """
    listening = listening_sockets()
    runs_from = (*sys.path, sys.prefix, sys.base_prefix, str(Path(sys.executable).parent))
    hidden = False
    alone = left = leave_network(others=True, network=not network)
    if left:
        go_on_inside()
        alone = keep_to_mounts(folders, listening, runs_from)
        if alone and readable is not None:
            libraries = os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep)
            kept = [*map(str, folders), *readable, *runs_from, *filter(None, libraries)]
            hidden = cover_home(home_of_user(), kept)
        drop_capabilities()
    elif not network:
        left = leave_network(others=False, network=True)
    # Shared memory by name is this process's own where it has mounts of its own.
    # In a network of its own TCP ends by itself, and says so more plainly than a refusal.
    landlock = keep_to(folders, shared_memory=alone, network=network or left)
    die_with_parent()
    done: Network = "open" if network else "namespace" if left else "blocked"
    if done == "blocked":
        refuse_sockets()
        done = "refused" if landlock.tcp_refused else "blocked"
    return Confinement(done, writes_kept=alone or landlock.writes, alone=alone, home_hidden=hidden)


def home_of_user() -> Path:
    """The home of whoever runs this process, whatever its variables say."""
    import pwd

    return Path(pwd.getpwuid(os.getuid()).pw_dir)


def cut_network() -> Network:
    """Give up the network alone, for a process that has nothing else to be kept from.

    Must run while it has one thread.
    """
    if leave_network(others=False, network=True):
        return "namespace"
    refuse_sockets()
    return "blocked"


def no_core_files() -> None:
    """Keep pixels out of core files."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limit_memory(limit_bytes: int | None) -> None:
    """Limit the address space from now on; None lifts the limit.

    CUDA reserves far more address space than it uses, so a run on a GPU has
    no such limit; its resident memory is watched from outside.
    """
    if sys.platform == "linux":
        import resource

        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        soft = hard if limit_bytes is None else limit_bytes
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
