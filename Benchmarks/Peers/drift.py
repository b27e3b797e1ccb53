"""The data of the case of drift, the same doubles as the library's, and the loop over the methods."""

import sys
import time

import numpy as np

FEATURES = 20


def numbers(count, seed, shift):
    """Sums of four evenly distributed numbers, from SplitMix64 as a function of the index."""
    with np.errstate(over="ignore"):
        place = np.arange(1, 4 * count + 1, dtype=np.uint64)
        z = np.uint64(seed << 40) + place * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        parts = ((z ^ (z >> np.uint64(31))) >> np.uint64(11)).astype(float) * 2.0**-53
    a, b, c, d = parts.reshape(count, 4).T
    return ((a + b) + c) + d + shift


def columns(count):
    """The reference and the window of each feature."""
    return [(numbers(count, 2 * feature, 0), numbers(count, 2 * feature + 1, 0.01 * feature))
            for feature in range(FEATURES)]


def figures(methods, count, prepare=lambda values: values):
    """The seconds of all methods together and of each alone, over all features."""
    pairs = [(prepare(reference), prepare(current)) for reference, current in columns(count)]

    def compare(chosen):
        start = time.perf_counter()
        total = sum(method(*pair) for pair in pairs for method in chosen)
        return time.perf_counter() - start, total

    compare(list(methods.values()))  # imports and caches
    found = {"four methods": compare(list(methods.values()))[0], "rows": FEATURES * count}
    for name, method in methods.items():
        found[name], found[f"sum of {name}"] = compare([method])
    return found
