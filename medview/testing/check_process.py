"""Entry of a checking process: ``python -m medview.testing.check_process FOLDER NETWORK``.

The conformance kit runs foreign code, which may end its process. So the application has the
checks made here, one after the other, and is told of each before and after.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medview.testing.sockets import watched_sockets
from medview.worker.channel import PROTOCOL, Channel, Message
from medview.worker.confine import Confinement, confine, no_core_files
from medview.worker.pipes import take_pipes

if TYPE_CHECKING:
    from medview.testing.conformance import Subject


def main() -> None:
    """Confine this process, then make the checks that are asked for."""
    folder = Path(sys.argv[1])
    no_core_files()
    with watched_sockets():
        # In place before anything that refuses sockets, so that it sees them first.
        pass
    # Before numpy, whose threads would make a namespace impossible.
    confinement = confine([folder, Path(os.environ["HOME"])], network=False)
    channel = take_pipes()
    sys.argv[1:] = []
    channel.send({"say": "hello", "protocol": PROTOCOL})
    request = channel.receive()
    if request is not None:
        _serve(channel, request, folder, confinement)


def _serve(channel: Channel, request: Message, folder: Path, confinement: Confinement) -> None:
    from medview.host.catalogue import Catalogue
    from medview.host.discovery import Found
    from medview.testing.conformance import Subject, run_check
    from medview.testing.conformance.guard import Guard

    names = ("id", "distribution", "version", "api", "target", "site")
    found = Found(**{name: str(request["found"][name]) for name in names})  # type: ignore[arg-type]
    handle = Catalogue([found]).handle(found.id)
    subject = Subject(
        handle,
        **_sample(request["source"], folder),
        weights_folder=Path(request["weights"]),
        guard=Guard(confinement.network, confinement.writes_kept),
    )
    asked = {"request": request["request"]}
    for check in request["checks"]:
        channel.send({"say": "begin", "check": check, **asked})
        result = run_check(check, subject)
        channel.send(
            {
                "say": "done",
                "check": check,
                "passed": result.passed,
                "words": result.words[:4000],
                "ran": subject.has_run,
                **asked,
            }
        )
    title = handle.card.title if handle.card is not None else found.id
    ended = {"say": "end", "title": title[:200], "hindrance": _hindrance(subject)}
    channel.send({**ended, **asked})


def _sample(data: Any, folder: Path) -> dict[str, Any]:
    if data is None:
        return {}
    import numpy as np

    from medview.core.data.volume import Volume
    from medview.testing.conformance.samples import from_volume
    from medview.worker.blocks import Blocks
    from medview.worker.sources import decode_source

    def ask(question: Message) -> Message:
        raise NotImplementedError("Slides are not handed over here.")

    source = decode_source(data, Blocks(folder, "w"), ask)
    if isinstance(source, Volume):
        # In memory of this process, so that a model that writes to it is seen and not ended.
        volume = source.with_array(np.array(source.array))
        return {"sample": from_volume(volume), "grid": volume.grid}
    return {"sample": source}


def _hindrance(subject: Subject) -> str:
    from medview.core.errors import UnfitError, WeightsError
    from medview.testing.conformance.result import NotChecked

    try:
        subject.require_sample()
    except NotChecked:
        return "unfit" if subject.handle.card is not None else ""
    try:
        error = subject.first.error
    except NotChecked:
        return ""
    if isinstance(error, WeightsError):
        return "weights"
    return "unfit" if isinstance(error, UnfitError) else ""


if __name__ == "__main__":
    main()
