"""Entry of a worker process: ``python -m medview.worker FOLDER NETWORK``, started by medview alone.

Standard input and output carry messages and are taken away before a model is
imported: what it prints goes to standard error, what it reads is empty.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from medview.worker.confine import Network, cut_network, die_with_parent, no_core_files
from medview.worker.landlock import keep_to
from medview.worker.pipes import take_pipes


def main() -> None:
    """Confine this process, then serve."""
    folder, wanted = Path(sys.argv[1]), sys.argv[2]
    channel = take_pipes()
    no_core_files()
    # Before numpy, whose threads would make a namespace impossible.
    network: Network = "open" if wanted == "open" else cut_network()
    kept = keep_to([folder, Path(os.environ["HOME"])])
    die_with_parent()
    from medview.worker.serve import Worker

    sys.argv[1:] = []
    Worker(channel, network, folder, writes_kept=kept).live()


if __name__ == "__main__":
    main()
