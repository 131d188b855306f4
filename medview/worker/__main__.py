"""Entry of a worker process: ``python -m medview.worker FOLDER NETWORK``, started by medview alone.

Standard input and output carry messages and are taken away before a model is
imported: what it prints goes to standard error, what it reads is empty.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from medview.worker.channel import Channel
from medview.worker.confine import Network, cut_network, die_with_parent, no_core_files


def main() -> None:
    """Confine this process, then serve."""
    folder, wanted = Path(sys.argv[1]), sys.argv[2]
    channel = _take_pipes()
    no_core_files()
    # Before numpy, whose threads would make a namespace impossible.
    network: Network = "open" if wanted == "open" else cut_network()
    die_with_parent()
    from medview.worker.serve import Worker

    sys.argv[1:] = []
    Worker(channel, network, folder).live()


def _take_pipes() -> Channel:
    incoming, outgoing = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115  a descriptor, for ever
    return Channel(os.fdopen(incoming, "rb"), os.fdopen(outgoing, "wb"))


if __name__ == "__main__":
    main()
