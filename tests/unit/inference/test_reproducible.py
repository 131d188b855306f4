"""Reproducible runs change torch's settings for as long as they last, and repeat exactly."""

from __future__ import annotations

import os
import threading

import numpy as np
import pytest

from medview.inference.cold_start import import_torch
from medview.inference.reproducible import reproducibly
from medview.inference.sliding_window import WindowPlan, segment
from medview.testing.context import CollectingContext

pytestmark = pytest.mark.torch


def settings() -> tuple[object, ...]:
    torch = import_torch()
    return (
        torch.are_deterministic_algorithms_enabled(),
        torch.backends.cudnn.deterministic,
        torch.backends.cudnn.benchmark,
        torch.backends.cuda.matmul.allow_tf32,
        torch.backends.cudnn.allow_tf32,
        os.environ.get("CUBLAS_WORKSPACE_CONFIG"),
    )


STRICT = (True, True, False, False, False, ":4096:8")


def test_settings_are_strict_inside_and_as_before_afterwards():
    before = settings()
    assert before != STRICT
    with reproducibly(CollectingContext(reproducible=True)):
        assert settings() == STRICT
        with reproducibly(CollectingContext(reproducible=True)):
            assert settings() == STRICT
        assert settings() == STRICT
    assert settings() == before


def test_nothing_changes_for_a_run_that_need_not_repeat():
    before = settings()
    with reproducibly(CollectingContext(reproducible=False)):
        assert settings() == before


def test_no_part_of_torch_is_left_with_tf32():
    torch = import_torch()
    with reproducibly(CollectingContext(reproducible=True)):
        for part in (torch.backends.cuda.matmul, torch.backends.cudnn.conv):
            assert part.fp32_precision != "tf32"


def test_settings_return_after_a_failure():
    before = settings()
    with pytest.raises(ZeroDivisionError), reproducibly(CollectingContext(reproducible=True)):
        raise ZeroDivisionError
    assert settings() == before


def test_the_last_of_two_runs_puts_settings_back():
    before = settings()
    first_entered, second_entered, leave = (threading.Event() for _ in range(3))

    def first() -> None:
        with reproducibly(CollectingContext(reproducible=True)):
            first_entered.set()
            second_entered.wait(10)

    def second() -> None:
        first_entered.wait(10)
        with reproducibly(CollectingContext(reproducible=True)):
            second_entered.set()
            leave.wait(10)

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    for thread in threads:
        thread.start()
    threads[0].join(10)
    assert settings() == STRICT
    leave.set()
    threads[1].join(10)
    assert settings() == before


def test_a_network_with_chance_in_it_repeats_exactly_and_leaves_the_generator_alone():
    torch = import_torch()

    def network(batch):
        return torch.cat([batch, torch.rand_like(batch)], dim=1)

    image = np.full((1, 12, 12, 12), 0.5, np.float32)
    plan = WindowPlan((8, 8, 8))
    ctx = CollectingContext(reproducible=True)
    before = torch.get_rng_state()
    first = segment(network, image, plan, ctx)
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(1)
    assert np.array_equal(segment(network, image, plan, ctx), first)
    loose = CollectingContext(reproducible=False)
    assert not np.array_equal(segment(network, image, plan, loose), first)


def test_a_kernel_that_cannot_repeat_is_refused():
    torch = import_torch()
    values, places = torch.zeros(4), torch.tensor([1, 1])
    strictly = reproducibly(CollectingContext(reproducible=True))
    # put_ without accumulation has no deterministic form, on any device.
    with strictly, pytest.raises(RuntimeError, match="deterministic"):
        values.put_(places, torch.tensor([1.0, 2.0]))
