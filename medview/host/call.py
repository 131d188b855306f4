"""Run one model on one source: canonical order in, source order out, checked, with provenance."""

from __future__ import annotations

import time
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from medview import __version__
from medview.core.data.fingerprint import fingerprint
from medview.core.data.image2d import Image2D
from medview.core.data.slide import Slide
from medview.core.data.source import SourceInfo
from medview.core.data.stack import Stack
from medview.core.data.volume import Volume, frozen_array
from medview.core.errors import MedviewError, ModelError, UnfitError, UsageError, WeightsError
from medview.core.findings.base import Finding, Findings
from medview.core.findings.checks import problems
from medview.core.findings.heatmap import Heatmap
from medview.core.findings.labelmap import LabelMap
from medview.core.findings.provenance import ModelIdentity, Provenance
from medview.core.geometry.orient import AxisOrder, canonical_order
from medview.core.notice import Notice
from medview.core.redaction import scrubbed
from medview.core.runctx import RunContext
from medview.host.context import RecordingContext
from medview.host.fit import judged
from medview.host.handle import ModelHandle
from medview.host.loader import Loaded
from medview.host.params import as_json, build
from medview.host.place import on_source_grid
from medview.host.report import missing_module_hint

Source = Volume | Image2D | Slide

_SLAB_BYTES = 16 << 20
_UNMOVED = AxisOrder((0, 1, 2), (False, False, False))


def run_model(
    handle: ModelHandle, source: Source | Stack, params: Any, ctx: RunContext
) -> Findings:
    """Run a model and return its findings on the source's own grid.

    Parameters
    ----------
    handle : ModelHandle
    source : Volume, Image2D or Slide
        One time point. A volume reaches the model permuted and flipped, never
        interpolated, so that k, j, i run nearest to Superior, Posterior, Left.
    params : object or None
        An instance of the model's ``Params``; None for its defaults.
    ctx : RunContext
        Of the job. Attributes ``fallbacks`` is read where it has one.

    Returns
    -------
    Findings
        Checked, every grid filled in, arrays read-only, with provenance.

    Raises
    ------
    UnfitError
        If the model must not be run on this source, is disabled or incompatible.
    ModelError
        If it is broken, raised, wrote to the source, or its result breaks a rule;
        caused by what it raised, so that a lack of memory can be told.
    WeightsError
        If weights are absent or changed.
    UsageError
        If `params` are not of the model's type.
    Cancelled
        If the user stopped it.
    """
    loaded = handle.loaded()
    params = _checked_params(handle, params)
    answer = judged(handle, source.info)
    if answer.fit == "unfit" or isinstance(source, Stack):
        raise UnfitError(f"{loaded.card.title} does not fit. {' '.join(answer.reasons)}")
    info = _identified(source)
    recording = RecordingContext(ctx, loaded.card.weights)
    handed, order = _canonical(source)
    # A model in a process of its own has no way to the pixels of this one.
    reachable = not loaded.plugin.isolation
    before = _checksum(handed) if reachable else 0
    started, clock = datetime.now(UTC).astimezone(), time.perf_counter()
    result = _guarded_run(loaded, handed, params, recording)
    duration = time.perf_counter() - clock
    if reachable and _checksum(handed) != before:
        raise ModelError(
            f"{loaded.card.title} changed the pixels that it was given, so its result cannot be "
            "trusted. Open the series again before going on.",
            code="source-changed",
        )
    broken = problems(result, handed)
    if broken:
        raise ModelError(
            f"{loaded.card.title} gave a result that cannot be shown. {_sentences(broken)}",
            code="invalid-findings",
        )
    if isinstance(handed, Volume) and isinstance(source, Volume):
        result = on_source_grid(result, handed, source, order)
    else:
        result = result.with_items(tuple(_frozen(item) for item in result.items))
    doubts = tuple(Notice("doubtful", reason) for reason in answer.reasons)
    return result.with_provenance(
        Provenance(
            model=ModelIdentity(handle.id, handle.version, handle.distribution, handle.api),
            source=info,
            device=recording.device,
            precision=recording.precision,
            started=started.isoformat(timespec="seconds"),
            duration_s=round(duration, 3),
            host_version=__version__,
            intended_use=loaded.card.intended_use,
            weights=recording.used,
            parameters=as_json(params),
            fallbacks=tuple(getattr(ctx, "fallbacks", ())),
            warnings=doubts + recording.warnings,
            demonstration=loaded.card.demonstration,
        )
    )


def _checked_params(handle: ModelHandle, params: Any) -> Any:
    if params is None:
        return build(handle.params_type, {})
    if handle.params_type is None or not isinstance(params, handle.params_type):
        raise UsageError(f"These are no parameters of the model '{handle.id}'.")
    return params


def _guarded_run(loaded: Loaded, source: Source, params: Any, ctx: RecordingContext) -> Findings:
    title = loaded.card.title
    try:
        result: Findings = loaded.plugin.run(source, params, ctx)
    except (UnfitError, WeightsError):
        raise
    except ModelError as error:
        # The supervisor of a process of its own says how that ended.
        code = error.code if loaded.plugin.isolation else "model-failed"
        raise ModelError(f"{title} failed. {error.message}", code=code) from error
    except MedviewError as error:
        raise ModelError(f"{title} failed. {error.message}", code="model-failed") from error
    except SystemExit as error:
        raise ModelError(
            f"{title} tried to end the whole program and was stopped.", code="model-failed"
        ) from error
    # The plugin is foreign code: whatever it raises is its failure, not the application's.
    except Exception as error:
        told = f"{type(error).__name__}: {scrubbed(str(error))}".rstrip(": .")
        hint = missing_module_hint(type(error).__name__, str(error))
        told = f"{told}. {hint}" if hint else told
        raise ModelError(f"{title} failed. {told}.", code="model-failed") from error
    return result


def _canonical(source: Source) -> tuple[Source, AxisOrder]:
    if not isinstance(source, Volume):
        return source, _UNMOVED
    order = canonical_order(source.grid)
    return source.reordered(order), order


def _identified(source: Source) -> SourceInfo:
    info = source.info
    if info.fingerprint is not None or not isinstance(source, Volume | Image2D):
        return info
    grid = source.grid if isinstance(source, Volume) else None
    return replace(info, fingerprint=fingerprint(source.array, grid))


def _checksum(source: Source) -> int:
    """CRC-32 of the pixels, at two gigabytes a second and without holding the interpreter.

    A read-only array stops honest mistakes in numpy only: ``torch.from_numpy``
    writes through it.
    """
    if not isinstance(source, Volume | Image2D):
        return 0
    flat = source.array.data.cast("B")
    crc = 0
    for start in range(0, len(flat), _SLAB_BYTES):
        crc = zlib.crc32(flat[start : start + _SLAB_BYTES], crc)
    return crc


def _frozen(item: Finding) -> Finding:
    if isinstance(item, LabelMap | Heatmap):
        return replace(item, array=frozen_array(item.array))
    return item


def _sentences(broken: list[str], most: int = 3) -> str:
    more = f" ({len(broken) - most} more.)" if len(broken) > most else ""
    return " ".join(f"{rule[:1].upper()}{rule[1:]}" for rule in broken[:most]) + more
