"""Writes an MLflow store with everything that an import takes, and a dump of it.

Usage: write_mlflow.py DIRECTORY URI    (sqlite:////path/mlflow.db, or a directory of mlruns)

The dump, DIRECTORY/dump.json, is what MLflow's own client reads from the store: numbers of metrics
as Python writes them, so that no digit is lost.
"""

import json
import os
import sys

directory, uri = sys.argv[1], sys.argv[2]
os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["DO_NOT_TRACK"] = "true"
os.chdir(directory)

import mlflow  # noqa: E402
from mlflow import MlflowClient  # noqa: E402
from mlflow.entities import Metric, Param, RunTag, ViewType  # noqa: E402

mlflow.set_tracking_uri(uri)
client = MlflowClient(tracking_uri=uri, registry_uri=uri)
START = 1_700_000_000_000


def experiment(name, **tags):
    place = "file://" + os.path.join(directory, "artifacts", str(abs(hash(name)) % 1000))
    return client.create_experiment(name, artifact_location=place, tags=tags)


def run(owner, name, status="FINISHED", start=START, end=START + 61_234, **tags):
    made = client.create_run(owner, start_time=start, tags=tags, run_name=name)
    return made.info.run_id, lambda: client.set_terminated(made.info.run_id, status, end)


sweep = experiment("sweep", **{"mlflow.note.content": "Which rate?", "team": "vision"})
other = experiment("Übersicht эксперимент")
gone = experiment("gone")

parent, end = run(sweep, "parent", **{"mlflow.user": "ada", "mlflow.source.name": "train.py"})
client.log_batch(
    parent,
    params=[
        Param("learning_rate", "0.10"),
        Param("optimizer", "adam"),
        Param("prompt", "first line\nsecond line é漢"),
        Param("long", "x" * 5000),
    ],
    tags=[RunTag("colour", "blue"), RunTag("empty", "")],
)
values = [1 / 3, -0.0, 5e-324, 1.7976931348623157e308, float("nan"), float("inf"), float("-inf")]
client.log_batch(
    parent, metrics=[Metric("loss", value, START + step, step) for step, value in enumerate(values)]
)
client.log_batch(
    parent,
    metrics=[
        Metric("val/accuracy", 0.5, START + 7, 0),
        Metric("val/accuracy", 0.75, START + 5, 0),
        Metric("val/accuracy", 0.25, START + 5, -4),
        Metric("step", 1.0, START, 2**53 + 1),
        Metric("old", 1.0, 1, 1),
        Metric("future", 1.0, 4_200_000_000_123, 1),
    ],
)
client.log_text(parent, "hello\n", "notes/readme.txt")
client.log_text(parent, "{}", "config.json")
end()

child, end = run(sweep, "child", **{"mlflow.parentRunId": parent})
for start in range(0, 3000, 1000):
    client.log_batch(
        child,
        metrics=[
            Metric("loss", 1 / (step + 1), START + 10 * step, step)
            for step in range(start, start + 1000)
        ],
    )
end()

grandchild, end = run(sweep, "grandchild", "FAILED", **{"mlflow.parentRunId": child})
end()
stranger, end = run(other, "stranger", "KILLED", **{"mlflow.parentRunId": parent})
client.log_metric(stranger, "потери", 0.5, timestamp=START, step=3)
end()
run(other, "under way")
queued, _ = run(other, "queued")
client.update_run(queued, status="SCHEDULED")
orphan, end = run(other, "orphan", **{"mlflow.parentRunId": "0" * 32})
end()
deleted, end = run(sweep, "deleted")
client.log_metric(deleted, "loss", 2.0, timestamp=START, step=1)
end()
client.delete_run(deleted)
buried, end = run(gone, "buried")
client.log_metric(buried, "loss", 3.0, timestamp=START, step=1)
end()
client.delete_experiment(gone)

if uri.startswith("sqlite"):
    import numpy

    data = mlflow.data.from_numpy(numpy.arange(6.0).reshape(3, 2), name="points")
    with mlflow.start_run(run_id=child):
        mlflow.log_input(data, context="training", tags={"split": "a"})
    client.set_terminated(child, "FINISHED", START + 61_234)
    logged = client.create_logged_model(
        sweep, name="net", source_run_id=child, tags={"size": "small"}, params={"depth": "3"},
        model_type="classifier",
    )
    client.finalize_logged_model(logged.model_id, "READY")
    client.log_metric(
        child, "model accuracy", 0.875, timestamp=START + 9, step=7, model_id=logged.model_id
    )

client.create_registered_model("digits", tags={"task": "ocr"}, description="Reads digits.")
for name in ("first", "second", "third"):
    client.create_model_version(
        "digits", f"file://{directory}/models/{name}", run_id=child, tags={"name": name},
        description=f"The {name}.",
    )
client.transition_model_version_stage("digits", "1", "Archived")
client.transition_model_version_stage("digits", "2", "Production")
client.set_registered_model_alias("digits", "champion", "2")
client.delete_model_version("digits", "3")
client.create_registered_model("empty")


def number(value):
    return repr(float(value))


def dump_run(found):
    info, data = found.info, found.data
    history = {
        key: [
            [point.step, point.timestamp, number(point.value)]
            for point in client.get_metric_history(info.run_id, key)
        ]
        for key in data.metrics
    }
    return {
        "id": info.run_id,
        "name": info.run_name,
        "experiment": info.experiment_id,
        "status": info.status,
        "start": info.start_time,
        "end": info.end_time,
        "stage": info.lifecycle_stage,
        "params": data.params,
        "tags": data.tags,
        "metrics": history,
        "inputs": len(found.inputs.dataset_inputs) if found.inputs else 0,
    }


experiments = client.search_experiments(view_type=ViewType.ALL)
runs = client.search_runs(
    [found.experiment_id for found in experiments], run_view_type=ViewType.ALL, max_results=1000
)
dump = {
    "experiments": [
        {
            "id": found.experiment_id,
            "name": found.name,
            "stage": found.lifecycle_stage,
            "created": found.creation_time,
            "tags": found.tags,
        }
        for found in experiments
    ],
    "runs": [dump_run(client.get_run(found.info.run_id)) for found in runs],
    "models": [
        {
            "name": model.name,
            "description": model.description,
            "tags": model.tags,
            "aliases": model.aliases,
            "created": model.creation_timestamp,
            "versions": [
                {
                    "version": version.version,
                    "stage": version.current_stage,
                    "run": version.run_id,
                    "source": version.source,
                    "tags": version.tags,
                    "description": version.description,
                    "created": version.creation_timestamp,
                }
                for version in client.search_model_versions(f"name='{model.name}'")
            ],
        }
        for model in client.search_registered_models()
    ],
}
with open("dump.json", "w") as file:
    json.dump(dump, file, indent=1, sort_keys=True)
