"""A model that asks and does not listen holds up neither a run nor its cancel."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from medview.core.errors import ModelError
from medview.core.progress import Cancelled
from medview.host.call import run_model
from medview.worker.supervise.limits import Limits
from tests.fake_models import PlainContext
from tests.unit.worker.conftest import LIMITS, hook

DEAF = """
import ctypes, json, struct
asked = json.dumps({"say": "weights", "name": "x", "number": 1}).encode()
ctx.progress(0.1, "Going")
ctx._channel._outgoing.write((struct.pack(">II", len(asked), ctx._request) + asked) * 6000)
ctx._channel._outgoing.flush()
ctypes.PyDLL(None).sleep(600)  # without ever giving the interpreter to whoever listens
"""


class TestDeafModels:
    @pytest.fixture
    def limits(self) -> Limits:
        return replace(LIMITS, send_s=0.5)

    def test_a_model_that_asks_and_does_not_listen_holds_up_nobody(self, model, sagittal_ct):
        start = time.monotonic()
        ctx = PlainContext(files={"x": Path("y" * 200)})
        with pytest.raises(ModelError, match="does not listen") as caught:
            run_model(model(hook(DEAF)), sagittal_ct, None, ctx)
        assert caught.value.code == "model-protocol"
        assert time.monotonic() - start < 20


class Cancellable(PlainContext):
    @property
    def is_cancelled(self) -> bool:
        return self.token.is_cancelled


class TestPatienceWithDeafModels:
    @pytest.fixture
    def limits(self) -> Limits:
        return replace(LIMITS, send_s=60.0, polite_s=0.5)

    def test_cancel_does_not_wait_for_a_model_that_does_not_listen(
        self, model, sagittal_ct, isolation
    ):
        ctx = Cancellable(files={"x": Path("y" * 200)})
        handle = model(hook(DEAF))
        handle.ensure_ready()
        threading.Timer(1.5, ctx.token.cancel).start()
        start = time.monotonic()
        with pytest.raises((ModelError, Cancelled)):
            run_model(handle, sagittal_ct, None, ctx)
        assert time.monotonic() - start < 20
        assert isolation.pool.alive == 0
