"""Evidently's tests of a column, called directly: a report of Evidently adds to them.

Its bins, and so its index and its Jensen-Shannon distance, are others than the library's; its distance
of Wasserstein is normed, and its Kolmogorov-Smirnov test gives the p-value.
"""

import common
import drift
import pandas as pd
from evidently.legacy.calculations.stattests.jensenshannon import jensenshannon_stat_test
from evidently.legacy.calculations.stattests.ks_stattest import ks_stat_test
from evidently.legacy.calculations.stattests.psi import psi_stat_test
from evidently.legacy.calculations.stattests.wasserstein_distance_norm import (
    wasserstein_stat_test,
)
from evidently.legacy.core import ColumnType


def method(test):
    """The statistic of a test."""
    return lambda reference, current: float(
        test(reference, current, ColumnType.Numerical, None).drift_score)


METHODS = {
    "ks": method(ks_stat_test), "psi": method(psi_stat_test),
    "wasserstein": method(wasserstein_stat_test), "js": method(jensenshannon_stat_test),
}

if __name__ == "__main__":
    common.main({"drift": lambda directory, count: drift.figures(METHODS, count, pd.Series)})
