"""SciPy: tests and distances as people put them together for drift."""

import common
import drift
import numpy as np
from scipy import stats
from scipy.spatial.distance import jensenshannon


def shares(reference, current):
    """The shares of the bins between the deciles of the reference."""
    edges = np.unique(np.quantile(reference, np.linspace(0, 1, 11)))
    edges[0], edges[-1] = -np.inf, np.inf
    return [np.histogram(values, edges)[0] / len(values) for values in (reference, current)]


def stability(reference, current):
    """The population stability index; 0.0001 stands for an empty bin."""
    p, q = (np.where(share == 0, 1e-4, share) for share in shares(reference, current))
    return float(np.sum((p - q) * np.log(p / q)))


METHODS = {
    "ks": lambda reference, current: float(stats.ks_2samp(reference, current).statistic),
    "psi": stability,
    "wasserstein": lambda reference, current: float(
        stats.wasserstein_distance(reference, current)),
    "js": lambda reference, current: float(jensenshannon(*shares(reference, current), base=2)),
}

if __name__ == "__main__":
    common.main({"drift": lambda directory, count: drift.figures(METHODS, count)})
