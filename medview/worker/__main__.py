"""Entry of a worker process, started by medview alone.

``python -m medview.worker FOLDER NETWORK [READABLE]``, the last as a list in JSON.

Standard input and output carry messages and are taken away before a model is
imported: what it prints goes to standard error, what it reads is empty.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from medview.worker.confine import confine, no_core_files
from medview.worker.pipes import take_pipes


def main() -> None:
    """Confine this process, then serve."""
    folder, wanted = Path(sys.argv[1]), sys.argv[2]
    no_core_files()
    # Before the pipes, which the process that only waits may not hold, and before numpy, whose
    # threads would make a namespace impossible.
    readable = json.loads(sys.argv[3]) if len(sys.argv) > 3 else None
    home = Path(os.environ["HOME"])
    confinement = confine([folder, home], network=wanted == "open", readable=readable)
    channel = take_pipes()
    from medview.worker.serve import Worker

    sys.argv[1:] = []
    Worker(channel, confinement, folder).live()


if __name__ == "__main__":
    main()
