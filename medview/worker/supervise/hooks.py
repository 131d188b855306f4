"""`RemoteHooks`: hooks of a model that runs in a worker, for the host to call like any other."""

from __future__ import annotations

import collections
import json
import threading
import time
from collections.abc import Callable
from typing import Any

from medview.core.data.source import SourceInfo
from medview.core.errors import ModelError
from medview.core.progress import Cancelled
from medview.core.runctx import RunContext
from medview.host.card import ModelCard
from medview.host.verdict import Verdict
from medview.worker.channel import Message
from medview.worker.structure import CodecError, decode, encode
from medview.worker.supervise.failure import WorkerEnded, raised
from medview.worker.supervise.pool import Pool
from medview.worker.supervise.process import WorkerProcess
from medview.worker.supervise.run import converse

_REMEMBERED = 64


class RemoteHooks:
    """Implements `medview.host.loader.Hooks`.

    Parameters
    ----------
    key : str
        Tells this model's workers from others.
    start : callable
        Starts a worker that has loaded the model; takes a check that may raise
        while it waits.
    pool : Pool
    isolation : str
        In what the model runs, for people.
    card : ModelCard
        What it said of itself.
    """

    def __init__(
        self,
        key: str,
        start: Callable[[Callable[[], None]], WorkerProcess],
        pool: Pool,
        isolation: str,
        card: ModelCard,
    ) -> None:
        self._card = card
        self.isolation = isolation
        self._key = key
        self._start = start
        self._pool = pool
        self._lock = threading.Lock()
        self._verdicts: collections.OrderedDict[str, Verdict] = collections.OrderedDict()

    def describe(self) -> ModelCard:
        """What the model said of itself, which is not asked again."""
        return self._card

    def applicable(self, source: SourceInfo) -> Any:
        """What the model says to a description; the same question is asked once.

        Raises
        ------
        Exception
            What the hook raised, by its name; `WorkerEnded` if the process ended.
        """
        info = encode(source)
        asked = json.dumps(info, sort_keys=True)
        with self._lock:
            known = self._verdicts.get(asked)
        if known is not None:
            return known
        check = self._pool.check
        with self._pool.borrowed(self._key, lambda: self._start(check)) as worker:
            worker.send({"say": "applicable", "info": info})
            answer = worker.receive(time.monotonic() + self._pool.limits.judge_s, check)
            if answer["say"] not in ("verdict", "failed"):
                worker.kill(WorkerEnded("It answered another question.", code="model-protocol"))
        verdict = _verdict(answer)
        if verdict is not None:
            with self._lock:
                self._verdicts[asked] = verdict
                if len(self._verdicts) > _REMEMBERED:
                    self._verdicts.popitem(last=False)
        return verdict

    def run(self, source: Any, params: Any, ctx: RunContext) -> Any:
        """Findings of a run, decoded and not yet checked against the source.

        Raises
        ------
        Exception
            What the hook raised, by its name; `MemoryError` where memory ran out.
        WorkerEnded
            If the process ended or was ended.
        Cancelled
            If the user stopped it; the process is ended if it goes on.
        """

        def check() -> None:
            self._pool.check()
            if getattr(ctx, "is_cancelled", False):
                raise Cancelled

        with self._pool.borrowed(self._key, lambda: self._start(check)) as worker:
            return converse(worker, source, params, ctx)


def _verdict(answer: Message) -> Verdict | None:
    if answer["say"] == "failed":
        raise raised(answer)
    if answer["say"] != "verdict":
        raise ModelError("It answered another question.", code="model-protocol")
    if answer.get("verdict") is None:
        return None
    try:
        return decode(Verdict, answer["verdict"])
    except CodecError:
        return None
