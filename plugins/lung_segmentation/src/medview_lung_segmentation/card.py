"""The model card; `medview_card.json` says the same statically."""

from __future__ import annotations

from medview.api import DeviceNeeds, Evaluation, InputSpec, Intensity, ModelCard, WeightsFile

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
        # Of less the network, which knows whole chests, is not asked.
        min_coverage_mm=100.0,
    ),
    produces=("labelmap", "measurements"),
    code_licence="Apache-2.0",
    weights_licence="Apache-2.0; trained on data under CC BY 4.0 and CC BY 3.0",
    publisher="medview",
    trained_on=(
        "Two real chest CTs, with masks derived from thresholds: TCIA CMB-CRC "
        "CMB-CRC-MSB-01068 (CC BY 4.0, doi 10.7937/DJG7-GZ87) and ACRIN-FLT-Breast 013 "
        "(CC BY 3.0, doi 10.7937/K9/TCIA.2017.ol20zmxg).",
        "40 generated thoraxes of random build, density, contrast, surroundings and noise.",
        "Dense disease is generated in both: masses, consolidation, ground glass and effusion "
        "painted into the lungs. No real dense disease was seen in training.",
    ),
    out_of_scope=(
        "Children and animals.",
        "Telling an opaque lung from the fluid that fills the chest after a lung was removed.",
        "Images that are not in Hounsfield units, such as most cone-beam CT.",
    ),
    known_failures=(
        "The classical method leaves dense disease out, because it starts from air; the network "
        "sees part of it. Masses that merge with the mediastinum may stay out of the joined mask, "
        "and parts of a large heart or of a hilum may be taken for disease.",
        "Slabs and lung bases of less than 100 mm are segmented by the classical method alone.",
        "Pneumothorax, large bullae and hiatal hernia with air may be counted as lung.",
        "Gas-filled bowel in the chest may be counted as lung.",
    ),
    evaluations=(
        Evaluation("Dice, fused", 0.995, "generated thorax, the worse lung", 1),
        Evaluation("Dice, fused", 0.959, "generated thorax with dense disease, the worse lung", 1),
        Evaluation("Dice, fused", 0.983, "whole chest, 4.2 mm, Chest Imaging Platform mask", 1),
        Evaluation("Dice, network alone", 0.977, "the same chest, not trained on", 1),
        Evaluation(
            "Dice, fused", 0.992, "chest with contrast, TCIA CMB-CRC, trained on; threshold mask", 1
        ),
        Evaluation(
            "Dice, fused",
            0.986,
            "low-dose chest, TCIA ACRIN-FLT-Breast, trained on; threshold mask",
            1,
        ),
        Evaluation(
            "Dice, fused", 0.992, "the chest with contrast, by weights trained without it", 1
        ),
        Evaluation("Dice, network alone", 0.975, "the same chest, by the same weights", 1),
        Evaluation("Dice, fused", 0.983, "the low-dose chest, by weights trained without it", 1),
        Evaluation("Dice, network alone", 0.959, "the same chest, by the same weights", 1),
        Evaluation("Dice, fused", 0.966, "lung bases, mask computed by TotalSegmentator", 1),
        Evaluation(
            "Share of the dense tumour inside the fused mask",
            0.75,
            "one real lung tumour, 8 mm slices; not trained on, but in sight when the recipe of "
            "the training was chosen",
            1,
        ),
    ),
    weights=(
        WeightsFile(
            name="lungs_4mm.safetensors",
            sha256="891b1b494eae3017d5eb81eedb5c36840be1c46dc9b50a68b66f47e815be3096",
            licence="Apache-2.0",
            size_bytes=1359052,
        ),
    ),
    device=DeviceNeeds(uses_gpu=False, memory_mb=1000),
    deterministic=True,
    references=(
        "Hu, Hoffman, Reinhardt: Automatic lung segmentation for accurate quantitation of "
        "volumetric X-ray CT images. IEEE TMI 20(6), 2001. doi 10.1109/42.929615",
    ),
)
