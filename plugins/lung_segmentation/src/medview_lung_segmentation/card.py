"""The model card; `medview_card.json` says the same statically."""

from __future__ import annotations

from medview.api import DeviceNeeds, Evaluation, InputSpec, Intensity, ModelCard

CARD = ModelCard(
    id="lung-segmentation",
    title="Lung segmentation",
    summary=(
        "Both lungs and the central airways on chest CT, with volumes, mean density and the "
        "share of low attenuation."
    ),
    intended_use=(
        "For research and teaching by people who can judge the outline on the image. "
        "Not cleared for diagnosis."
    ),
    input=InputSpec(
        kind="volume",
        modalities=("CT",),
        intensity=Intensity.HOUNSFIELD,
        min_slices=2,
        max_spacing_mm=5.0,
        refuse_spacing_mm=20.0,
        body_parts=(
            "CHEST",
            "THORAX",
            "LUNG",
            "CHESTABDOMEN",
            "CHESTABDPELVIS",
            "WHOLEBODY",
            "CHEST_TO_PELVIS",
        ),
        text="A CT volume of the chest in Hounsfield units, of two or more slices.",
    ),
    produces=("labelmap", "measurements"),
    code_licence="Apache-2.0",
    weights_licence="none",
    publisher="medview",
    out_of_scope=(
        "Children and animals.",
        "Images that are not in Hounsfield units, such as most cone-beam CT.",
    ),
    known_failures=(
        "Dense disease (consolidation, large tumours, effusion, collapse) is left out, because "
        "the method starts from air.",
        "Pneumothorax, large bullae and hiatal hernia with air may be counted as lung.",
        "Gas-filled bowel in the chest may be counted as lung.",
    ),
    evaluations=(
        Evaluation("Dice", 0.995, "generated thorax, 2.0 x 1.5 x 1.5 mm", 1),
        Evaluation("Dice", 0.985, "whole chest, 4.2 mm, Chest Imaging Platform mask", 1),
        Evaluation("Dice", 0.994, "chest with contrast, TCIA CMB-CRC, mask from thresholds", 1),
        Evaluation("Dice", 0.990, "low-dose chest, TCIA ACRIN-FLT-Breast, mask from thresholds", 1),
        Evaluation("Dice", 0.966, "lung bases, mask computed by TotalSegmentator", 1),
    ),
    device=DeviceNeeds(uses_gpu=False, memory_mb=1000),
    deterministic=True,
    references=(
        "Hu, Hoffman, Reinhardt: Automatic lung segmentation for accurate quantitation of "
        "volumetric X-ray CT images. IEEE TMI 20(6), 2001. doi 10.1109/42.929615",
    ),
)
