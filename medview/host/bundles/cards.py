"""Model cards of bundles and manifests: every line of them is read from the files."""

from __future__ import annotations

from pathlib import PurePosixPath

from medview.core.data.intensity import Intensity
from medview.host.bundles.files import ModelFiles
from medview.host.bundles.licence import licence_of
from medview.host.bundles.manifest import Manifest
from medview.host.bundles.metadata import BundleMetadata
from medview.host.card import (
    DeviceNeeds,
    Evaluation,
    FindingName,
    InputSpec,
    ModelCard,
    WeightsFile,
)

_PRODUCES: dict[str, tuple[FindingName, ...]] = {
    "segmentation": ("labelmap", "measurements"),
    "detection": ("detections",),
    "classification": ("grades",),
}
_FEWEST_SLICES = 5
_UNCHECKED = (
    "medview runs it as its author describes it and has not checked the result on patients.",
)


def bundle_card(
    model_id: str, metadata: BundleMetadata, weights: tuple[str, ...], files: ModelFiles
) -> ModelCard:
    """The card of a MONAI bundle, from its metadata, licence and weights."""
    licence = licence_of(files)
    volume = metadata.axes == 3
    what = "volume" if volume else "image"
    of = f"{'/'.join(metadata.modalities)} {what}" if metadata.modalities else what
    return ModelCard(
        id=model_id,
        title=_clipped(metadata.name, 80),
        summary=_clipped(f"{metadata.task_text}. {metadata.description}", 600),
        intended_use=f"{metadata.intended_use.rstrip('.')}. Not cleared for diagnosis.",
        input=InputSpec(
            kind="volume" if volume else "image",
            modalities=metadata.modalities,
            intensity=Intensity.HOUNSFIELD if metadata.is_hounsfield and volume else None,
            min_slices=_FEWEST_SLICES if volume else 1,
            text=f"One {of}{' in Hounsfield units' if metadata.is_hounsfield else ''}.",
        ),
        produces=_PRODUCES[metadata.task],
        code_licence=licence,
        weights_licence=licence,
        publisher=metadata.publisher,
        trained_on=(_clipped(metadata.data_source, 300),),
        out_of_scope=_UNCHECKED,
        known_failures=(f"It was made with MONAI {metadata.monai_version}; others may differ.",),
        evaluations=tuple(
            Evaluation(name, value, "by its author, on data that the bundle does not state", 0)
            for name, value in metadata.metrics
        ),
        weights=tuple(
            WeightsFile(
                name=weights_name(member.name),
                sha256=files.sha256(member.name),
                licence=licence,
                size_bytes=member.size,
                required=member.name == weights[0],
            )
            for member in files.members
            if member.name in weights
        ),
        device=DeviceNeeds(uses_gpu=True),
        references=metadata.references,
    )


def manifest_card(manifest: Manifest, files: ModelFiles) -> ModelCard:
    """The card of an ONNX or TorchScript model, from its manifest."""
    size = next(member.size for member in files.members if member.name == manifest.file)
    volume = manifest.kind == "volume"
    return ModelCard(
        id=manifest.id,
        title=manifest.title,
        summary=manifest.summary,
        intended_use=manifest.intended_use,
        input=InputSpec(
            kind=manifest.kind,
            modalities=manifest.modalities,
            intensity=manifest.intensity,
            min_slices=manifest.min_slices,
            max_spacing_mm=manifest.max_spacing_mm,
            refuse_spacing_mm=manifest.refuse_spacing_mm,
            body_parts=manifest.body_parts,
            min_coverage_mm=manifest.min_coverage_mm,
            refuse_coverage_mm=manifest.refuse_coverage_mm,
            planes=manifest.planes,
            text=f"One {'/'.join((*manifest.modalities[:3], manifest.kind))}.",
        ),
        produces=_PRODUCES[manifest.task],
        code_licence=manifest.licence,
        weights_licence=manifest.licence,
        publisher=manifest.publisher,
        trained_on=manifest.trained_on,
        out_of_scope=_UNCHECKED,
        weights=(WeightsFile(manifest.file, files.sha256(manifest.file), manifest.licence, size),),
        device=DeviceNeeds(uses_gpu=manifest.format == "torchscript" and volume),
        references=manifest.references,
    )


def weights_name(member: str) -> str:
    """The name under which a bundle's weights are asked for, e.g. ``model.pt``."""
    return PurePosixPath(member).name


def _clipped(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
