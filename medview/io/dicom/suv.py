"""Standardised uptake values of PET series."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from medview.core.errors import InputError
from medview.core.notice import Notice
from medview.io.dicom import elements, tags
from medview.io.dicom.fallback import read_dataset
from medview.io.dicom.instance import Instance
from medview.io.dicom.moments import seconds


def suv_factor(instances: Sequence[Instance]) -> tuple[float | None, Notice | None]:
    """What to multiply rescaled values of a series with to get SUV by body weight (g/ml).

    Follows the vendor-neutral calculation of the Quantitative Imaging Biomarkers
    Alliance: activity per dose and weight, the dose decayed to the time that the
    images are corrected to (Decay Correction, PS3.3 C.8.9.1.1.5).

    Returns
    -------
    factor : float or None
        None where the header lacks what is needed; values then stay as they are.
    notice : Notice or None
        What is missing.
    """
    instance = instances[0]
    header = instance.header
    units = elements.text(header, tags.UNITS)
    if units == "GML":
        return 1.0, None
    if units != "BQML":
        return None, _missing(f"the unit {units or 'is not given'}")
    weight = elements.number(header, tags.PATIENT_WEIGHT)
    if not weight or weight <= 0:
        return None, _missing("the patient's weight is not given")
    try:
        dose, half_life, injected = _injection(instance)
    # pydicom raises nearly anything on damaged values.
    except Exception:  # noqa: BLE001
        return None, _missing("the injection is not described")
    if not dose or dose <= 0:
        return None, _missing("the injected dose is not given")
    correction = elements.text(header, tags.DECAY_CORRECTION)
    if correction == "ADMIN":
        return 1000.0 * weight / dose, None
    if correction != "START":
        return None, _missing("the decay correction is not given")
    start = _start_of_scan(instances)
    if injected is None or start is None or not half_life or half_life <= 0:
        return None, _missing("the time of injection or of the scan is not given")
    elapsed = (start - injected).total_seconds()
    if elapsed < 0:
        # Only times of day were given, and the scan ran past midnight.
        elapsed += timedelta(days=1).total_seconds()
    if not 0 <= elapsed < 5 * half_life + 86400:
        return None, _missing("the times of injection and scan contradict each other")
    return 1000.0 * weight / (dose * 2.0 ** (-elapsed / half_life)), None


def _missing(what: str) -> Notice:
    return Notice(
        "no-suv", f"Standardised uptake values cannot be computed: {what}. Values are as stored."
    )


def _injection(instance: Instance) -> tuple[float | None, float | None, datetime | None]:
    source = instance.header.source
    with source.open() as stream:
        dataset = read_dataset(source, stream)
    items = dataset.get("RadiopharmaceuticalInformationSequence")
    if not items:
        raise InputError("no radiopharmaceutical")
    item = items[0]
    day = elements.text(instance.header, tags.SERIES_DATE) or elements.text(
        instance.header, tags.ACQUISITION_DATE
    )
    moment = str(item.get("RadiopharmaceuticalStartDateTime") or "")
    if len(moment) >= 14:
        injected = _moment(moment[:8], moment[8:].partition("+")[0].partition("-")[0])
    else:
        injected = _moment(day, str(item.get("RadiopharmaceuticalStartTime") or ""))
    return (
        _float(item.get("RadionuclideTotalDose")),
        _float(item.get("RadionuclideHalfLife")),
        injected,
    )


def _start_of_scan(instances: Sequence[Instance]) -> datetime | None:
    """Series time, unless it was set later, by post-processing: then the first acquisition's.

    The first in time, which need not be the first in space: beds are scanned either way.
    """
    text = elements.text
    written = {
        (text(instance.header, day), text(instance.header, time))
        for instance in instances
        for day, time in (
            (tags.SERIES_DATE, tags.SERIES_TIME),
            (tags.ACQUISITION_DATE, tags.ACQUISITION_TIME),
        )
    }
    dated = {pair for pair in written if pair[0]}
    found = [_moment(day, time) for day, time in dated or written]
    return min((f for f in found if f is not None), default=None)


def _moment(day: str, time: str) -> datetime | None:
    after_midnight = seconds(time)
    if after_midnight is None:
        return None
    try:
        midnight = datetime.strptime(day, "%Y%m%d") if day else datetime(1900, 1, 1)
    except ValueError:
        return None
    return midnight + timedelta(seconds=after_midnight)


def _float(value: Any) -> float | None:
    return None if value is None else float(value)
