"""`Isolation`: loads third-party models without importing them; their hooks run in workers."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from medview.core.errors import MedviewError
from medview.core.printable import printable
from medview.core.redaction import scrubbed
from medview.host.card import ModelCard
from medview.host.card_checks import card_problems
from medview.host.discovery import Found
from medview.host.loader import Broken, Loaded
from medview.host.report import failure_report
from medview.worker.channel import PROTOCOL, Message
from medview.worker.confine import Confinement
from medview.worker.forms import decode_params_type
from medview.worker.structure import CodecError, decode
from medview.worker.supervise.cards import CardStore, key_of
from medview.worker.supervise.failure import WorkerEnded
from medview.worker.supervise.hooks import RemoteHooks
from medview.worker.supervise.launch import Launch, launch_of
from medview.worker.supervise.limits import Limits
from medview.worker.supervise.pool import Pool
from medview.worker.supervise.process import WorkerProcess

_LESS_CONFINED = (
    "This computer confines its process less than when the model was described, so it was not "
    "used. Look at what it runs in now."
)


class Isolation:
    """Makes `Loaded` models whose hooks run in processes of their own.

    Parameters
    ----------
    cards : Path
        Folder in which descriptions are kept.
    limits : Limits
    network : frozenset of str
        Models for which the user agreed to the network, by `Found.full_name`; it is given
        only where the card asks for it too. It can be set anew: models that are loaded from
        then on follow it.
    launch : callable
        How to start a worker for a model; by default the application's interpreter, with
        the directory of an installed package in front.
    weights : Path, optional
        Where people install weights, which every model may read.
    """

    def __init__(
        self,
        cards: Path,
        *,
        limits: Limits | None = None,
        network: frozenset[str] = frozenset(),
        launch: Callable[[Found], Launch] = launch_of,
        weights: Path | None = None,
    ) -> None:
        self._cards = CardStore(cards)
        self._limits = limits or Limits()
        self.network = network
        self._launch = launch
        self._weights = weights
        self.pool = Pool(self._limits)

    def load(self, found: Found) -> Loaded | Broken:
        """Describe a model in a child process, or from what is kept of an earlier time."""
        launch = self._shown_weights(self._launch(found))
        key = key_of(found, str(launch.python))
        kept = self._cards.find(key)
        if kept is not None:
            try:
                return self._loaded(found, kept, launch, key)
            except CodecError:
                kept = None
        try:
            described = self._describe(found, launch)
            if described["say"] == "broken":
                return Broken(_text(described.get("reason")), _text(described.get("report")))
            loaded = self._loaded(found, described, launch, key)
        except MedviewError as error:
            return _broken(found, error)
        problems = card_problems(loaded.card, found.id)
        if problems:
            return _broken(found, CodecError(" ".join(problems)))
        self._cards.keep(key, described)
        return loaded

    def close(self) -> None:
        """End all workers."""
        self.pool.close()

    def _shown_weights(self, launch: Launch) -> Launch:
        if launch.readable is None or self._weights is None:
            return launch
        return replace(launch, readable=(*launch.readable, str(self._weights.absolute())))

    def _describe(self, found: Found, launch: Launch) -> Message:
        worker = WorkerProcess(launch, self._limits)
        try:
            return self._load_in(worker, found, lambda: None)
        finally:
            worker.close()

    def _load_in(self, worker: WorkerProcess, found: Found, check: Callable[[], None]) -> Message:
        deadline = time.monotonic() + self._limits.start_s
        hello = worker.receive(deadline, check)
        if hello["say"] != "hello" or hello.get("protocol") != PROTOCOL:
            raise WorkerEnded("Its process runs another version of medview.", code="model-protocol")
        names = ("id", "distribution", "version", "api", "target")
        worker.send({"say": "load", **{name: getattr(found, name) for name in names}})
        answer = worker.receive(deadline, check)
        if answer["say"] not in ("loaded", "broken"):
            raise WorkerEnded("It could not be described.", code="model-protocol")
        return {**answer, **{each.name: hello.get(each.name) for each in fields(Confinement)}}

    def _loaded(self, found: Found, described: Message, launch: Launch, key: str) -> Loaded:
        card = decode(ModelCard, described.get("card"))
        folder = described.get("folder")
        agreed = card.network and found.full_name in self.network
        running = replace(launch, network=agreed)
        promised = _confinement(described)
        if agreed:
            promised = replace(promised, network="open")

        # A warm worker of before the consent, or of before it was taken back, is another one.
        worker_key = f"{key}-network" if agreed else key

        def start(check: Callable[[], None]) -> WorkerProcess:
            if running.readable is not None and self._weights is not None:
                # Only what is there can be shown to it, and the first weights may come later.
                with contextlib.suppress(OSError):
                    self._weights.mkdir(mode=0o700, parents=True, exist_ok=True)
            worker = WorkerProcess(running, self._limits)
            try:
                answer = self._load_in(worker, found, check)
                if answer["say"] == "broken":
                    raise WorkerEnded(_text(answer.get("reason")), code="model-broken")
                # A description is kept, and what the kernel allows may have changed since.
                if not _confinement(answer).is_as_strict_as(promised):
                    self._cards.forget(key)
                    raise WorkerEnded(_LESS_CONFINED, code="model-less-confined")
            except BaseException:
                worker.kill(WorkerEnded("It was not needed any more.", code="model-ended"))
                raise
            return worker

        return Loaded(
            RemoteHooks(worker_key, start, self.pool, promised.words, card),
            card,
            decode_params_type(described.get("params")),
            found.target.partition(":")[0].strip().partition(".")[0],
            Path(folder) if isinstance(folder, str) else None,
        )


def _confinement(message: Message) -> Confinement:
    try:
        return Confinement.from_message(message)
    except ValueError as error:
        raise CodecError(str(error)) from error


def _broken(found: Found, error: MedviewError) -> Broken:
    reason = scrubbed(error.message)
    details = reason
    if error.__cause__ is not None:
        details += f"\n\n{scrubbed(str(error.__cause__))}"
    report = failure_report("describing", found.id, found.distribution, found.version, details)
    return Broken(f"Describing it failed: {reason}", report)


def _text(value: Any) -> str:
    return printable(scrubbed(value[:20_000])) if isinstance(value, str) else ""
