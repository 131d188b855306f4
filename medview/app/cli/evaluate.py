"""`medview evaluate`: compare what a model found with a reference."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from medview.app.cli import console, exit_codes
from medview.app.cli.environment import Environment
from medview.app.cli.options import AsJson

if TYPE_CHECKING:
    from medview.app.controllers.evaluate.outcome import Comparison
    from medview.evaluate.metric import Metric

Prediction = Annotated[
    Path, typer.Argument(metavar="PREDICTION", help="A findings folder, or a folder of them.")
]
MaskPrediction = Annotated[
    Path,
    typer.Argument(
        metavar="PREDICTION",
        help="A findings folder or a NIfTI, NRRD or MHA mask, or a folder of these.",
    ),
]
MaskReference = Annotated[
    Path,
    typer.Argument(
        metavar="REFERENCE", help="The same; in folders, cases are matched by their names."
    ),
]
DetectionReference = Annotated[
    Path,
    typer.Argument(
        metavar="REFERENCE",
        help="A CSV as LUNA16's annotations.csv, an LIDC XML, or a folder of LIDC XML files.",
    ),
]
GradeReference = Annotated[
    Path,
    typer.Argument(metavar="REFERENCE", help="A CSV with columns 'case' or 'file', and 'grade'."),
]


def evaluate_app() -> typer.Typer:
    """The group of comparisons."""
    app = typer.Typer(
        name="evaluate",
        help="Compare what a model found with a reference.",
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.command("segmentation")(segmentation)
    app.command("detection")(detection)
    app.command("grading")(grading)
    return app


def segmentation(
    context: typer.Context,
    prediction: MaskPrediction,
    reference: MaskReference,
    rename: Annotated[
        str | None,
        typer.Option("--map", metavar="2=1,3=2", help="Rename labels of the reference."),
    ] = None,
    merge: Annotated[bool, typer.Option("--merge", help="Compare all labels as one.")] = False,
    finding: Annotated[
        str | None,
        typer.Option("--finding", metavar="NAME", help="Which label map, where there are several."),
    ] = None,
    json: AsJson = False,
) -> int:
    """Dice, IoU, HD95, surface Dice at 2 mm and volume error of masks."""
    from medview.app.controllers.evaluate.segmentation import evaluate_segmentation, label_map

    _keep_out_of_log(context, prediction, reference)
    renamed = label_map(rename) if rename else None
    with console.working("Comparing") as progress:
        compared = evaluate_segmentation(
            prediction, reference, rename=renamed, merge=merge, finding=finding, progress=progress
        )
    return _tell(compared, json)


def detection(
    context: typer.Context,
    prediction: Prediction,
    reference: DetectionReference,
    excluded: Annotated[
        Path | None,
        typer.Option(
            "--excluded",
            metavar="CSV",
            help="As LUNA16's annotations_excluded.csv: findings that count neither way.",
        ),
    ] = None,
    json: AsJson = False,
) -> int:
    """Sensitivity at the seven false-positive rates of LUNA16, and their mean (CPM)."""
    from medview.app.controllers.evaluate.detection import evaluate_detection

    _keep_out_of_log(context, prediction, reference)
    with console.working("Comparing"):
        compared = evaluate_detection(prediction, reference, excluded=excluded)
    return _tell(compared, json)


def grading(
    context: typer.Context,
    prediction: Prediction,
    reference: GradeReference,
    json: AsJson = False,
) -> int:
    """Quadratic kappa, accuracy, and AUC of what is referable (grade 2 or more)."""
    from medview.app.controllers.evaluate.grading import evaluate_grading

    _keep_out_of_log(context, prediction, reference)
    with console.working("Comparing"):
        compared = evaluate_grading(prediction, reference)
    return _tell(compared, json)


def _keep_out_of_log(context: typer.Context, *paths: Path) -> None:
    environment: Environment = context.obj
    environment.keep_out_of_log(paths)


def _tell(compared: Comparison, json: bool) -> int:
    for note in compared.notes:
        console.remark(note)
    if json:
        console.document(compared.as_json())
    else:
        width = max(len(name) for name in compared.metrics)
        lines = [f"{name:<{width}}  {_in_words(m)}" for name, m in compared.metrics.items()]
        console.result("\n".join(lines))
    return exit_codes.DONE


def _in_words(metric: Metric) -> str:
    if metric.value is None:
        return "not defined"
    interval = (
        f"  95 % interval {metric.low:.4g} to {metric.high:.4g}"
        if metric.low is not None and metric.high is not None
        else ""
    )
    return f"{metric.value:.4g}{interval}  (n = {metric.n})"
