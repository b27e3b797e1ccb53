"""Writes event files with everything that an import takes, and a dump of what tbparse reads there.

Usage: write_tensorboard.py DIRECTORY
"""

import json
import os
import sys
import time

directory = sys.argv[1]
logs = os.path.join(directory, "logs")

import numpy  # noqa: E402
import tensorboardX  # noqa: E402
from tbparse import SummaryReader  # noqa: E402
from tensorboard.compat.proto import event_pb2, summary_pb2  # noqa: E402
from tensorboard.summary.writer.event_file_writer import EventFileWriter  # noqa: E402
from tensorboard.util import tensor_util  # noqa: E402

START = 1_700_000_000.123456

writer = tensorboardX.SummaryWriter(os.path.join(logs, "train"))
values = [1 / 3, -0.0, 1e-40, float("nan"), float("inf"), float("-inf")]
for step, value in enumerate(values):
    writer.add_scalar("loss", value, step, walltime=START + step)
for step in range(1000):
    writer.add_scalar("accuracy/top1", step / 1000, step, walltime=START + step)
writer.add_text("note", "Ein Text é漢", 3, walltime=START)
writer.add_histogram("weights", numpy.arange(100.0), 5, walltime=START)
picture = numpy.zeros((3, 4, 5), dtype=numpy.uint8)
writer.add_image("picture", picture, 2, walltime=START)
writer.close()

writer = tensorboardX.SummaryWriter(os.path.join(logs, "trial"))
writer.add_hparams(
    {"learning_rate": 0.1, "optimizer": "adam", "nesterov": True}, {"score": 0.75},
    name="0", global_step=1,
)
writer.close()


def scalar(tag, value, step, dtype):
    tensor = tensor_util.make_tensor_proto(numpy.array(value, dtype=dtype))
    metadata = summary_pb2.SummaryMetadata(
        plugin_data=summary_pb2.SummaryMetadata.PluginData(plugin_name="scalars"))
    entry = summary_pb2.Summary.Value(tag=tag, tensor=tensor, metadata=metadata)
    return event_pb2.Event(
        wall_time=START + step, step=step, summary=summary_pb2.Summary(value=[entry]))


# As TensorFlow 2 and Keras write them: scalars as tensors.
place = os.path.join(logs, "keras", "validation")
writer = EventFileWriter(place)
for step in range(5):
    writer.add_event(scalar("epoch_loss", 1 / (step + 3), step, numpy.float32))
    writer.add_event(scalar("epoch_precise", 1 / (step + 3), step, numpy.float64))
writer.close()

# A program that was killed at step 9 and began again at step 5.
place = os.path.join(logs, "restarted")
for attempt, steps in enumerate([range(10), range(5, 8)]):
    writer = EventFileWriter(place, filename_suffix=f".{attempt}")
    writer.add_event(
        event_pb2.Event(
            wall_time=START, step=steps[0],
            session_log=event_pb2.SessionLog(status=event_pb2.SessionLog.START)))
    for step in steps:
        writer.add_event(scalar("loss", attempt + step / 10, step, numpy.float64))
    writer.close()
    time.sleep(1.1)


def number(value):
    return repr(float(value))


runs = {}
for folder, _, files in os.walk(logs):
    if not any("tfevents" in name for name in files):
        continue
    # Without the directories below, which are runs of their own.
    reader = SummaryReader(folder, extra_columns={"wall_time", "dir_name"})
    points = {}
    for found in [reader.scalars, reader.tensors]:
        for _, row in found.iterrows():
            if numpy.ndim(row["value"]) == 0 and not row["dir_name"]:
                points.setdefault(row["tag"], []).append(
                    [int(row["step"]), number(row["wall_time"]), number(row["value"])])
    runs[os.path.relpath(folder, logs)] = points
with open(os.path.join(directory, "dump.json"), "w") as file:
    json.dump(runs, file, indent=1, sort_keys=True)
