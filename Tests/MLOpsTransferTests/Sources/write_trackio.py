"""Writes Trackio databases with everything that an import takes, and a dump of what was logged.

Usage: write_trackio.py DIRECTORY
"""

import json
import os
import sys

directory = sys.argv[1]
# Set before the import, which reads it.
os.environ["TRACKIO_DIR"] = directory
os.environ["DO_NOT_TRACK"] = "1"

import numpy  # noqa: E402
import trackio  # noqa: E402

QUIET = {"embed": False, "auto_log_gpu": False, "auto_log_cpu": False}
runs = {}


def number(value):
    return repr(float(value))


def log(name, values, step=None):
    trackio.log(values, step=step)
    points = runs[name]["points"]
    for metric, value in values.items():
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            points.setdefault(metric, []).append([step, number(value)])


def start(project, name, **config):
    run = trackio.init(project=project, name=name, config=config, **QUIET)
    runs[name] = {"project": project, "config": config, "points": {}}
    return run


start("digits", "first", learning_rate=0.1, layers=[1, 2], note="é漢", depth=3)
for step, value in enumerate([1 / 3, -0.0, 5e-324, float("nan"), float("inf"), float("-inf")]):
    log("first", {"loss": value, "потери": step * 0.5}, step)
log("first", {"val": {"accuracy": 0.5}, "phase": "train", "count": 2**53 - 1}, 6)
log("first", {"weights": trackio.Histogram(numpy.arange(10.0))}, 7)
rows = [["é漢", 1, 0.5, True, 1, None], ["b", 2, float("nan"), False, "x", [1, {"k": 2}]]]
log("first", {"table": trackio.Table(columns=["name", "b", "a", "ok", "mixed", "nested"], data=rows)}, 8)
log("first", {"table": trackio.Table(columns=["a"], data=[[2**60]])}, 9)
log("first", {"report": trackio.Markdown("# Title\n\n漢")}, 9)
log("first", {"picture": trackio.Image(numpy.zeros((2, 3, 3), numpy.uint8), caption="black")}, 9)
log("first", {"page": trackio.Html("<p>hello</p>")}, 9)
weights = os.path.join(directory, "weights.bin")
with open(weights, "wb") as file:
    file.write(bytes(range(256)) * 5000)
model = trackio.Artifact("weights", type="model")
model.add_file(weights, name="deep/weights.bin")
trackio.log_artifact(model)
trackio.alert("Loss is high", text="It is above 1.", level=trackio.AlertLevel.WARN)
trackio.finish()
runs["first"]["points"]["val/accuracy"] = [[6, "0.5"]]

start("digits", "second")
for step in range(2000):
    log("second", {"loss": 1 / (step + 1), "accuracy": step / 2000}, step)
trackio.finish()

start("other", "third", seed=1)
log("third", {"loss": 2.0}, -5)
trackio.finish()

with open(os.path.join(directory, "dump.json"), "w") as file:
    json.dump(runs, file, indent=1, sort_keys=True)
