"""Writes what TensorBoard and tbparse read in a directory of event files, as JSON.

Usage: read_tensorboard.py DIRECTORY
"""

import json
import os
import struct
import sys

import numpy
from tbparse import SummaryReader
from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer
from tensorboard.context import RequestContext
from tensorboard.util import tensor_util

directory = sys.argv[1]


def bits(value):
    return struct.pack(">d", value).hex() if value == value else "nan"


# What the pages of TensorBoard are given.
multiplexer = plugin_event_multiplexer.EventMultiplexer(
    size_guidance={"tensors": 0}, tensor_size_guidance={"scalars": 0, "text": 0, "images": 0})
multiplexer.AddRunsFromDirectory(directory)
multiplexer.Reload()
provider = data_provider.MultiplexerDataProvider(multiplexer, directory)
context = RequestContext()
runs = {}
for run in provider.list_runs(context, experiment_id=""):
    runs[run.run_name] = {"scalars": {}, "hparams": {}, "text": {}, "images": {}, "histograms": {}}
for plugin, read in [("scalars", provider.read_scalars)]:
    found = read(context, experiment_id="", plugin_name=plugin, downsample=1_000_000)
    for run, tags in found.items():
        for tag, points in tags.items():
            runs[run][plugin][tag] = [[p.step, p.wall_time, bits(p.value)] for p in points]
for run, tags in provider.list_blob_sequences(
        context, experiment_id="", plugin_name="images").items():
    for tag in tags:
        runs[run]["images"][tag] = [
            [e.step] + [blob.hex() for blob in tensor_util.make_ndarray(e.tensor_proto).tolist()]
            for e in multiplexer.Tensors(run, tag)]
for plugin in ["text", "histograms"]:
    found = provider.read_tensors(
        context, experiment_id="", plugin_name=plugin, downsample=1_000_000)
    for run, tags in found.items():
        for tag, items in tags.items():
            if plugin == "text":
                values = [[i.step, i.numpy.item().decode()] for i in items]
            else:
                values = [[i.step] + i.numpy.tolist() for i in items]
            runs[run][plugin][tag] = values

for folder in runs:
    reader = SummaryReader(os.path.join(directory, folder), extra_columns={"wall_time"})
    if len(reader.hparams):
        runs[folder]["hparams"] = {
            row["tag"]: row["value"] for _, row in reader.hparams.iterrows()}
    tensors = {}
    for _, row in reader.tensors.iterrows():
        if numpy.ndim(row["value"]) == 0:
            tensors.setdefault(row["tag"], []).append(
                [int(row["step"]), float(row["wall_time"]), bits(float(row["value"]))])
    runs[folder]["tbparse"] = tensors
json.dump(runs, sys.stdout)
