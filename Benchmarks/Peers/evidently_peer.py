"""Evidently as its users run it: one report on two data frames in memory.

A report asks for the drift of every column by four methods, and its answers are read; a second figure
is the preset of drift, once for each method, which also counts the drifted columns. The tests alone,
without the report around them, are a third.

Evidently's bins, and so its index and its Jensen-Shannon distance, are others than the library's; its
distance of Wasserstein is normed, and its Kolmogorov-Smirnov test gives the p-value.
"""

import time

import common
import drift
import pandas as pd
from evidently import Report
from evidently.legacy.calculations.stattests.jensenshannon import jensenshannon_stat_test
from evidently.legacy.calculations.stattests.ks_stattest import ks_stat_test
from evidently.legacy.calculations.stattests.psi import psi_stat_test
from evidently.legacy.calculations.stattests.wasserstein_distance_norm import (
    wasserstein_stat_test,
)
from evidently.legacy.core import ColumnType
from evidently.metrics import ValueDrift
from evidently.presets import DataDriftPreset

TESTS = {
    "ks": ks_stat_test, "psi": psi_stat_test, "wasserstein": wasserstein_stat_test,
    "js": jensenshannon_stat_test,
}
METHODS = {"ks": "ks", "psi": "psi", "wasserstein": "wasserstein", "js": "jensenshannon"}


def method(test):
    """The statistic of a test."""
    return lambda reference, current: float(
        test(reference, current, ColumnType.Numerical, None).drift_score)


def run(metrics, reference, current):
    """The seconds of a report with its answers, and the sum of those that are numbers."""
    start = time.perf_counter()
    snapshot = Report(metrics).run(current, reference)
    values = [metric["value"] for metric in snapshot.dict()["metrics"]]
    seconds = time.perf_counter() - start
    return seconds, sum(float(value) for value in values if not isinstance(value, dict))


def figures(directory, count):
    """The seconds of a report of all methods, of each alone, of the preset, and of the tests."""
    columns = drift.columns(count)
    reference = pd.DataFrame({f"feature {i}": pair[0] for i, pair in enumerate(columns)})
    current = pd.DataFrame({f"feature {i}": pair[1] for i, pair in enumerate(columns)})

    def metrics(chosen):
        return [ValueDrift(column=name, method=METHODS[one]) for name in reference for one in chosen]

    run(metrics(METHODS), reference.head(1000), current.head(1000))  # imports and caches
    found = {"four methods": run(metrics(METHODS), reference, current)[0],
             "rows": drift.FEATURES * count}
    for name in METHODS:
        found[name], found[f"sum of {name}"] = run(metrics([name]), reference, current)
    found["presets"] = sum(run([DataDriftPreset(num_method=name)], reference, current)[0]
                           for name in METHODS.values())
    tests = drift.figures({name: method(test) for name, test in TESTS.items()}, count, pd.Series)
    found["tests alone"] = tests["four methods"]
    return found


if __name__ == "__main__":
    common.main({"drift": figures})
