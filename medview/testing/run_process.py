"""Entry of a process that runs a model once: ``python -m medview.testing.run_process FILE NET``.

Nothing that the model kept from an earlier run is there, and nothing but the model and what it
starts shares its network, its threads and its children. What was seen is written to FILE.
"""

from __future__ import annotations

import faulthandler
import json
import os
import pickle  # noqa: TID251 - reads what the kit that started this process wrote to its input
import sys
from pathlib import Path

from medview.testing.sockets import watched_sockets
from medview.worker.confine import cut_network, no_core_files
from medview.worker.namespaces import die_with_parent

LIMIT_S = 400.0


def main() -> None:
    """Cut the network off where the kit has not, run the model, and tell."""
    answer, network = Path(sys.argv[1]), sys.argv[2]
    sys.argv[1:] = []
    no_core_files()
    with watched_sockets():
        # In place before anything that refuses sockets, so that it sees them first.
        pass
    if network != "namespace":
        # Before numpy, whose threads would make a namespace impossible.
        network = cut_network()
    die_with_parent()
    # A loop that never lets go of the interpreter would stay when the kit is ended.
    faulthandler.dump_traceback_later(LIMIT_S, exit=True)
    from medview.testing.conformance.apart import run_here

    request = pickle.loads(sys.stdin.buffer.read())  # noqa: S301 - written by the kit itself
    told = {**run_here(**request, counts=network == "namespace"), "network": network}
    answer.write_text(json.dumps(told), "utf-8")
    # Threads that still run would keep the process alive.
    os._exit(0)


if __name__ == "__main__":
    main()
