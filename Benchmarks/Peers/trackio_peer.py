"""Trackio, which queues in memory and writes to its SQLite file from a thread twice a second."""

import os
import sys
import time

import common


def start(directory):
    """Starts a run that keeps its data in the directory."""
    # Set before the import, which reads it.
    os.environ["TRACKIO_DIR"] = directory
    # Silenced, because it prints a greeting.
    sys.stdout = open(os.devnull, "w")
    import trackio

    trackio.init(project="bench", embed=False, auto_log_gpu=False, auto_log_cpu=False)
    return trackio


def stored(directory):
    """Counts the points that are in the database."""
    return common.number(
        f"{directory}/bench.db",
        "SELECT count(*) FROM metrics, json_each(CAST(metrics.metrics AS TEXT))",
    )


def finish(trackio, directory, points):
    """Ends the run, and waits until the database holds all: `finish` waits 30 seconds at most."""
    trackio.finish()
    while stored(directory) < points:
        time.sleep(0.1)


def ingest(directory, points, metrics):
    """Logs all points; the end is when the last is in the database."""
    trackio = start(directory)
    names = [f"metric-{metric}" for metric in range(metrics)]

    def log():
        for step in range(points // metrics):
            trackio.log(dict.fromkeys(names, 1 / (1 + step)), step=step)
        finish(trackio, directory, points)

    return {"ingest": points / common.seconds(log), "rows": stored(directory)}


def log(directory, count):
    """The cost of one call."""
    trackio = start(directory)
    figures = common.call_costs(
        lambda step: trackio.log({"loss": 1 / (1 + step)}, step=step), count)
    finish(trackio, directory, count)
    return figures | {"rows": stored(directory)}


if __name__ == "__main__":
    common.main({"ingest": ingest, "log": log})
