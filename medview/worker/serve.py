"""The life of a worker: load one model, judge and run when asked, end when nobody listens."""

from __future__ import annotations

import faulthandler
import gc
import os
import queue
import threading
from pathlib import Path
from typing import Any

import medview
from medview.core.data.source import SourceInfo
from medview.core.progress import Cancelled, CancelToken
from medview.host.discovery import Found
from medview.host.fit import is_sound
from medview.host.loader import Broken, Loaded, load
from medview.host.params import build
from medview.jobs.torch_memory import free_caches
from medview.worker.blocks import Blocks
from medview.worker.channel import PROTOCOL, Channel, Message, ProtocolError
from medview.worker.confine import Confinement, limit_memory
from medview.worker.context import WorkerContext
from medview.worker.failures import describe_failure
from medview.worker.forms import encode_params_type
from medview.worker.results import encode_findings
from medview.worker.sources import Source, decode_source
from medview.worker.structure import CodecError, decode, encode

_MOST_TEXT = 10_000


class Worker:
    """Answers the application, one request at a time, on the main thread.

    Parameters
    ----------
    channel : Channel
    confinement : Confinement
        What was done to this process.
    folder : Path
        Where arrays are handed over.
    """

    def __init__(self, channel: Channel, confinement: Confinement, folder: Path) -> None:
        self._channel = channel
        self._confinement = confinement
        self._blocks = Blocks(folder, "w")
        self._requests: queue.Queue[Message] = queue.Queue()
        self._answers: queue.Queue[Message] = queue.Queue()
        self._token = CancelToken()
        self._running = 0
        self._loaded: Loaded | None = None
        self._source: Source | None = None

    def live(self) -> None:
        """Serve until the application closes the pipe, which ends the process."""
        faulthandler.enable()
        hello = {"say": "hello", "protocol": PROTOCOL, "version": medview.__version__}
        self._channel.send({**hello, **self._confinement.as_message()})
        threading.Thread(target=self._listen, name="medview-listener", daemon=True).start()
        while True:
            request = self._requests.get()
            self._tell(request, self._answer(request))
            if request["say"] == "run":
                # Not before the answer, which somebody waits for.
                self._clear_away(request["context"]["device"])

    def _listen(self) -> None:
        while True:
            try:
                message = self._channel.receive()
            except (ProtocolError, OSError, ValueError):
                message = None
            if message is None:
                # Whatever the model is doing, nobody will want the result.
                os._exit(0)
            if message["say"] == "cancel":
                if message["request"] == self._running:
                    self._token.cancel()
            elif message["say"] == "answer":
                self._answers.put(message)
            else:
                if message["say"] == "run":
                    # Made here, so that a cancel that follows at once finds the right one.
                    self._token, self._running = CancelToken(), message["request"]
                self._requests.put(message)

    def _tell(self, request: Message, answer: Message) -> None:
        try:
            self._channel.send({**answer, "request": request["request"]})
        except ProtocolError as error:
            told = {"say": "failed", **describe_failure(error)}
            self._channel.send({**told, "request": request["request"]})

    def _answer(self, request: Message) -> Message:
        try:
            match request["say"]:
                case "load":
                    return self._load(request)
                case "applicable":
                    return self._judge(request)
                case "run":
                    return self._run(request)
        except Cancelled:
            return {"say": "cancelled"}
        except BaseException as error:  # noqa: BLE001  nothing that a model raises ends its worker
            return {"say": "failed", **describe_failure(error)}
        return {"say": "failed", "type": "ProtocolError", "text": "unknown request"}

    def _load(self, request: Message) -> Message:
        names = ("id", "distribution", "version", "api", "target")
        result = load(Found(**{name: str(request[name]) for name in names}))  # type: ignore[arg-type]
        if isinstance(result, Broken):
            told = {"reason": result.reason[:_MOST_TEXT], "report": result.report[-_MOST_TEXT:]}
            return {"say": "broken", **told}
        self._loaded = result
        return {
            "say": "loaded",
            "card": encode(result.card),
            "params": encode_params_type(result.params_type),
            "folder": _folder_of(result.package),
        }

    def _judge(self, request: Message) -> Message:
        verdict = self._model.plugin.applicable(decode(SourceInfo, request["info"]))
        return {"say": "verdict", "verdict": encode(verdict) if is_sound(verdict) else None}

    def _run(self, request: Message) -> Message:
        limit_memory(request["memory_bytes"])
        settings = {**request["context"], "request": request["request"]}
        context = WorkerContext(settings, self._channel, self._token, self._answers)
        source = self._source = decode_source(request["source"], self._blocks, context.ask)
        params: Any = build(self._model.params_type, request["params"])
        try:
            result = self._model.plugin.run(source, params, context)
        finally:
            context.end()
        try:
            return {"say": "findings", "findings": encode_findings(result, self._blocks)}
        except CodecError as error:
            return {"say": "invalid", "text": error.message}

    def _clear_away(self, device: str) -> None:
        # What an exception held is free by now; a retry needs the room.
        self._source = None
        gc.collect()
        free_caches(device)

    @property
    def _model(self) -> Loaded:
        assert self._loaded is not None
        return self._loaded


def _folder_of(package: str) -> str | None:
    # The package is imported by now, so that this runs nothing of it.
    import importlib.resources

    files = importlib.resources.files(package)
    return str(files) if isinstance(files, Path) else None
