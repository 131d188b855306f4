"""The model card; `medview_card.json` says the same statically."""

from __future__ import annotations

from medview.api import DeviceNeeds, Evaluation, InputSpec, Intensity, ModelCard, WeightsFile

_HELD_BACK = "generated chests of a second, independent generator, 32 scans"

CARD = ModelCard(
    id="lung-nodule-detection",
    title="Lung nodule detection",
    summary=(
        "A demonstration model: candidates for lung nodules of 3 to 30 mm on chest CT, with a "
        "score that is not calibrated, outlines and measurements."
    ),
    intended_use=(
        "For research and teaching by people who can judge each candidate on the image. "
        "Not cleared for diagnosis, and not validated on patients."
    ),
    input=InputSpec(
        kind="volume",
        modalities=("CT",),
        intensity=Intensity.HOUNSFIELD,
        min_slices=5,
        max_spacing_mm=3.0,
        refuse_spacing_mm=10.0,
        body_parts=(
            "CHEST",
            "THORAX",
            "LUNG",
            "CHESTABDOMEN",
            "CHESTABDPELVIS",
            "WHOLEBODY",
            "CHEST_TO_PELVIS",
        ),
        text="A CT volume of the chest in Hounsfield units, of five or more slices.",
    ),
    produces=("detections", "labelmap"),
    code_licence="Apache-2.0",
    weights_licence="CC-BY-4.0",
    publisher="medview",
    trained_on=(
        "2D network: 4973 patches of LUNA16 (CC BY 4.0; from LIDC-IDRI, CC BY 3.0, Armato et al. "
        "2015), candidate rows up to 465232. Patches of the LIDC-IDRI scans measured below may be "
        "among them.",
        "3D network: 8200 generated nodules, about 2900 generated vessels, forks and sheets, and "
        "10200 other blobs, in two real chests (TCIA CMB-CRC 01068, CC BY 4.0, without its known "
        "nodule and 30 mm around it; TCIA ACRIN-FLT-Breast 013, CC BY 3.0) and six generated ones. "
        "No real nodule.",
        "The weights of both networks in the score and the default threshold were chosen on the "
        "real chests listed under the evaluations, so that those counts are no independent test.",
    ),
    out_of_scope=(
        "Masses over 30 mm, nodules below 3 mm, lymph nodes, and growth between two scans.",
        "Children and animals.",
    ),
    known_failures=(
        "Vessel bifurcations, the hilum, scars and bumps of the pleura are reported as candidates.",
        "Of the lung tumour of 80 mm in an 8 mm series only parts are outlined: it is larger than "
        "what is searched for, and lies outside of the segmented lung where it is dense.",
        "Real ground glass at the pleura scored close to the threshold (0.75 at 0.73).",
        "Ground glass thinner than three slices is not searched for, and where voxels are larger "
        "than 3 mm nothing smaller than two of them is reported.",
        "Nodules inside dense disease are missed, because the lungs are found by their air.",
        "Calcification is a hint by density: contrast medium looks alike.",
    ),
    evaluations=(
        Evaluation(
            "ROC AUC of the 2D network",
            0.9724,
            "LUNA16 patches held back, candidate rows 465233 to 551037, 191 of them nodules",
            1243,
            0.9547,
            0.9862,
        ),
        Evaluation("CPM of the findings", 0.823, _HELD_BACK, 223, 0.765, 0.874),
        Evaluation("Sensitivity at 1 false positive a scan", 0.816, _HELD_BACK, 223, 0.756, 0.871),
        Evaluation("Sensitivity at 8 false positives a scan", 0.865, _HELD_BACK, 223, 0.817, 0.912),
        Evaluation(
            "Recall of the LoG candidates, 4 mm and more", 0.982, _HELD_BACK, 223, 0.955, 0.993
        ),
        Evaluation("CPM of LoG alone", 0.395, "20 scans of these", 153, 0.348, 0.452),
        Evaluation("Nodules found at the default settings", 2, "LIDC-IDRI slabs, one each", 2),
        Evaluation("Other candidates", 0, "LIDC-IDRI slab 0002, 12 slices of 1.25 mm", 1),
        Evaluation("Other candidates", 0, "LIDC-IDRI slab 0003, 11 slices of 2.5 mm", 1),
        Evaluation(
            "Nodules found at the default settings",
            1,
            "TCIA CMB-CRC 01068, 2.5 mm, nodule marked without a radiologist",
            1,
        ),
        Evaluation(
            "Other candidates",
            7,
            "the same scan at the default threshold; no other nodule is marked there, "
            "but some look like one",
            1,
        ),
        Evaluation("Candidates", 1, "TCIA ACRIN-FLT-Breast 013, low dose, 4 mm, none marked", 1),
        Evaluation("Candidates", 12, "a whole chest of 4.2 mm voxels, none marked", 1),
    ),
    demonstration=True,
    weights=(
        WeightsFile(
            name="patch_network.safetensors",
            sha256="2ef07fa29aea7b44a743217ded2c04dfdd06274a412b9010672c20d50c272fdf",
            licence="CC-BY-4.0",
            size_bytes=629652,
        ),
        WeightsFile(
            name="volume_network.safetensors",
            sha256="0720b2a2ad79d22c761764489c5df80a8aabf68a9ba5f56e75b66a0135d9cc85",
            licence="CC-BY-4.0",
            size_bytes=400508,
        ),
    ),
    device=DeviceNeeds(uses_gpu=True),
    deterministic=True,
    references=(
        "Lindeberg: Feature detection with automatic scale selection. IJCV 30(2), 1998. "
        "doi 10.1023/A:1008045108935",
        "Setio et al.: Validation, comparison, and combination of algorithms for automatic "
        "detection of pulmonary nodules: the LUNA16 challenge. Medical Image Analysis 42, 2017. "
        "doi 10.1016/j.media.2017.06.015",
    ),
)
