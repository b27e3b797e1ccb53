"""Uses MLflow's own client as its users do, and writes what the client sees, as lines of JSON.

Usage: mlflow_client.py SERVER FILE

Ids and times differ from server to server: ids are numbered in the order in which they appear, and
times are left out. Everything else has to be the same, whatever server answers.
"""

import json
import os
import re
import sys
import tempfile
import warnings

warnings.filterwarnings("ignore")
os.environ["GIT_PYTHON_REFRESH"] = "quiet"
os.environ["TQDM_DISABLE"] = "1"
os.environ["MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR"] = "false"

import logging

import mlflow
import numpy
import pandas
import requests
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

logging.disable(logging.WARNING)
mlflow.set_tracking_uri(sys.argv[1])
client = MlflowClient()
folder = tempfile.mkdtemp()
seen = open(sys.argv[2], "w")
ids = {}


def plain(value):
    """A value without ids and times."""
    text = json.dumps(value, default=str, sort_keys=True)
    # Experiments of the real server have small numbers.
    text = re.sub(r"mlflow-artifacts:/[^/\"]+", "mlflow-artifacts:/E", text)
    for found in re.findall(r"\b(?:m-)?[0-9a-f]{32}\b", text):
        ids.setdefault(found, f"id{len(ids)}")
        text = text.replace(found, ids[found])
    return json.loads(text)


def see(name, body):
    try:
        value = body()
    except MlflowException as error:
        # The whole message is for people; the code is what programs act on.
        value = {"error": error.error_code}
    except requests.HTTPError as error:
        value = {"status": error.response.status_code}
    print(json.dumps({"name": name, "value": plain(value)}, sort_keys=True), file=seen, flush=True)


def run(found):
    skipped = {"mlflow.source.name", "mlflow.source.git.commit", "mlflow.user"}
    data = found.data
    return {
        "name": found.info.run_name,
        "status": found.info.status,
        "stage": found.info.lifecycle_stage,
        "ended": found.info.end_time is not None,
        "metrics": {key: repr(min(max(value, -1.7e308), 1.7e308)) for key, value in data.metrics.items()},
        "params": data.params,
        "tags": {key: value for key, value in data.tags.items() if key not in skipped},
        "inputs": [
            [item.dataset.name, item.dataset.digest, item.dataset.source_type, item.dataset.schema,
             item.dataset.profile, [(tag.key, tag.value) for tag in item.tags]]
            for item in found.inputs.dataset_inputs
        ],
    }


def version(found):
    return [found.name, str(found.version), found.current_stage, found.description or "", found.source,
            found.run_id, found.status, dict(found.tags), sorted(found.aliases)]


def model(found):
    return [found.name, found.description or "", dict(found.tags),
            {alias: str(number) for alias, number in found.aliases.items()},
            [version(latest) for latest in found.latest_versions]]


def files(found):
    return [[item.path, item.is_dir, item.file_size] for item in found]


def names(search, token=False):
    return [found.info.run_name for found in search] + ([bool(search.token)] if token else [])


def read(path):
    with open(path, "rb") as file:
        return len(file.read())


# Experiments.
see("no experiment", lambda: client.get_experiment_by_name("nope"))
experiment = mlflow.set_experiment("first").experiment_id
see("experiment", lambda: client.get_experiment(experiment).name)
see("taken name", lambda: client.create_experiment("first"))
other = client.create_experiment("second", tags={"z": "1"})
client.set_experiment_tag(other, "q", "w")
client.rename_experiment(other, "third")
see("renamed", lambda: [client.get_experiment(other).name, client.get_experiment(other).tags])
see("found", lambda: sorted(e.name for e in client.search_experiments() if e.name != "Default"))
see("by tag", lambda: [e.name for e in client.search_experiments(filter_string="tags.z = '1'")])
see("by name", lambda: [e.name for e in client.search_experiments(filter_string="name LIKE 'fir%'")])
client.delete_experiment(other)
see("deleted", lambda: client.get_experiment(other).lifecycle_stage)
see("run in deleted", lambda: client.create_run(other).info.status)
client.restore_experiment(other)
see("restored", lambda: client.get_experiment(other).lifecycle_stage)

# Runs.
with mlflow.start_run(run_name="parent", tags={"t": "1"}, description="what it is") as active:
    parent = active.info.run_id
    for step, value in enumerate([0.5, 0.25, float("nan"), 0.125]):
        mlflow.log_metric("loss", value, step=step)
    mlflow.log_metric("ascent", float("inf"), step=1)
    mlflow.log_metric("descent", float("-inf"), step=1)
    mlflow.log_metrics({"a": 1.0, "b": 2.0}, step=2)
    mlflow.log_param("lr", 0.1)
    mlflow.log_params({"depth": 3, "name.with.dots": "x", "empty": ""})
    mlflow.set_tag("k", "v")
    mlflow.set_tags({"k2": "v2", "k3": "v3"})
    mlflow.delete_tag("k3")
    with mlflow.start_run(run_name="child", nested=True) as nested:
        child = nested.info.run_id
        mlflow.log_metric("loss", 0.7)
    frame = pandas.DataFrame({"a": [1, 2], "b": [0.5, 0.6]})
    mlflow.log_input(mlflow.data.from_pandas(frame, name="numbers"), context="training")
see("parent", lambda: run(client.get_run(parent)))
see("child", lambda: run(client.get_run(child)))
see("history", lambda: [[m.step, repr(m.value)] for m in client.get_metric_history(parent, "loss")])
see("no history", lambda: client.get_metric_history(parent, "none"))
see("other value", lambda: client.log_param(parent, "lr", "0.2"))
see("same value", lambda: client.log_param(parent, "lr", "0.1"))
see("no tag", lambda: client.delete_tag(parent, "none"))
see("no run", lambda: client.get_run("0" * 32))
see("bad name", lambda: client.log_metric(parent, "a$b", 1))
client.update_run(child, status="FAILED", name="renamed")
see("updated", lambda: run(client.get_run(child)))
with mlflow.start_run(run_id=parent):
    mlflow.log_metric("late", 1)
see("resumed", lambda: run(client.get_run(parent)))

# Search.
for index in range(5):
    with mlflow.start_run(run_name=f"trial {index}", tags={"even": str(index % 2 == 0)}):
        mlflow.log_params({"width": index, "kind": "Wide" if index > 2 else "narrow"})
        mlflow.log_metric("score", index if index != 3 else float("nan"))
for text in [
    "", "metrics.score > 1", "metrics.score >= 0 and params.kind = 'Wide'", "params.kind != 'Wide'",
    "params.kind LIKE 'W%'", "params.kind ILIKE 'w%'", "tags.even = 'True'", "tags.even != 'True'",
    "attributes.run_name LIKE 'trial%'", "attributes.status = 'FINISHED'", "status != 'FINISHED'",
    "tags.`even` = 'True' AND metrics.`score` < 3", "params.\"kind\" = 'Wide'", "metrics.none > 0",
    "params.`name.with.dots` = 'x'", "tags.mlflow.parentRunId = '" + parent + "'",
    "attributes.run_id IN ('" + parent + "')", "params.kind IS NULL",
    "metrics.score > 'x'", "params.width = 1", "foo.x = '1'", "metrics.score > 1 or metrics.score < 1",
    "(metrics.score > 1)", "params.kind > 'a", "attributes.nothing = 'x'",
]:
    see("search " + text.replace(parent, "PARENT"), lambda: sorted(names(client.search_runs([experiment], text))))
for order in [["metrics.score DESC"], ["metrics.score ASC"], ["attributes.run_name ASC"],
              ["metrics.score", "attributes.run_name"], ["bogus"]]:
    see(f"order {order}", lambda: names(client.search_runs([experiment], "tags.even LIKE '%'", order_by=order)))
page = client.search_runs([experiment], order_by=["attributes.run_name ASC"], max_results=3)
see("page", lambda: names(page, token=True))
see("next page", lambda: names(client.search_runs(
    [experiment], order_by=["attributes.run_name ASC"], max_results=3, page_token=page.token), token=True))
see("bad token", lambda: client.search_runs([experiment], page_token="bogus"))
see("no experiments", lambda: names(client.search_runs([])))
client.delete_run(child)
see("deleted run", lambda: client.get_run(child).info.lifecycle_stage)
see("log to deleted", lambda: client.log_metric(child, "x", 1))
see("live", lambda: len(client.search_runs([experiment])))
see("only deleted", lambda: names(client.search_runs([experiment], run_view_type=2)))
see("all", lambda: len(client.search_runs([experiment], run_view_type=3)))
client.restore_run(child)
see("restored run", lambda: client.get_run(child).info.lifecycle_stage)

# Files.
with mlflow.start_run(run_id=parent):
    mlflow.log_text("hello", "sub/deep/text.txt")
    mlflow.log_dict({"a": 1}, "d.json")
    with open(os.path.join(folder, "data ü.bin"), "wb") as file:
        file.write(bytes(range(256)) * 5000)
    mlflow.log_artifact(os.path.join(folder, "data ü.bin"))
    os.makedirs(os.path.join(folder, "many", "inner"))
    for index in range(3):
        with open(os.path.join(folder, "many", "inner", f"{index}.txt"), "w") as file:
            file.write("x" * index)
    mlflow.log_artifacts(os.path.join(folder, "many"), "kept")
    mlflow.log_table({"a": [1], "b": ["x"]}, "tab.json")
    mlflow.log_image(numpy.zeros((4, 4, 3), dtype=numpy.uint8), "i.png")
see("root", lambda: files(client.list_artifacts(parent)))
see("folder", lambda: files(client.list_artifacts(parent, "kept/inner")))
see("of a file", lambda: files(client.list_artifacts(parent, "d.json")))
see("of nothing", lambda: files(client.list_artifacts(parent, "nothing")))
see("download", lambda: read(mlflow.artifacts.download_artifacts(run_id=parent, artifact_path="data ü.bin")))
see("download all", lambda: sorted(os.listdir(mlflow.artifacts.download_artifacts(run_id=parent, artifact_path="kept/inner"))))
see("text", lambda: mlflow.artifacts.load_text(client.get_run(parent).info.artifact_uri + "/sub/deep/text.txt"))
see("table", lambda: mlflow.load_table("tab.json", run_ids=[parent]).to_dict())
see("outside", lambda: files(client.list_artifacts(parent, "../..")))

# Models.
from sklearn.linear_model import LinearRegression

with mlflow.start_run(run_name="fit") as active:
    fitted = active.info.run_id
    mlflow.log_metric("error", 0.5)
    regression = LinearRegression().fit([[1], [2]], [1, 2])
    logged = mlflow.sklearn.log_model(
        regression, name="model", registered_model_name="first model",
        input_example=pandas.DataFrame({"a": [1, 2]}))
see("logged model", lambda: [logged.name, str(client.get_logged_model(logged.model_id).status), client.get_logged_model(logged.model_id).source_run_id])
see("logged models", lambda: [found.name for found in mlflow.search_logged_models(experiment_ids=[experiment], output_format="list")])
client.set_logged_model_tags(logged.model_id, {"x": "y"})
client.delete_logged_model_tag(logged.model_id, "x")
see("its tags", lambda: sorted(key for key in client.get_logged_model(logged.model_id).tags if not key.startswith("mlflow.")))
see("outputs", lambda: [[item.model_id, item.step] for item in client.get_run(fitted).outputs.model_outputs])
see("loaded", lambda: mlflow.pyfunc.load_model("models:/first model/1").predict(pandas.DataFrame({"a": [3]})).tolist())
see("loaded by id", lambda: mlflow.sklearn.load_model(f"models:/{logged.model_id}").coef_.round(6).tolist())
see("registered", lambda: version(mlflow.register_model(f"runs:/{fitted}/model", "second model")))
client.create_registered_model("third", tags={"a": "b"}, description="d")
see("taken model", lambda: client.create_registered_model("third").name)
see("bad model", lambda: client.create_registered_model("a/b").name)
see("no model", lambda: client.get_registered_model("none").name)
see("version", lambda: version(client.create_model_version("third", f"runs:/{fitted}/model", run_id=fitted, tags={"x": "y"})))
see("second version", lambda: version(client.create_model_version("third", "s3://bucket/model")))
see("local source", lambda: client.create_model_version("third", "file:///etc/passwd").version)
client.set_registered_model_alias("third", "champion", "1")
see("by alias", lambda: version(client.get_model_version_by_alias("third", "champion")))
see("no alias", lambda: client.get_model_version_by_alias("third", "none").version)
see("bad alias", lambda: client.set_registered_model_alias("third", "v1", "1"))
see("with aliases", lambda: model(client.get_registered_model("third")))
client.delete_registered_model_alias("third", "champion")
client.transition_model_version_stage("third", "1", "Production")
client.transition_model_version_stage("third", "2", "Production", archive_existing_versions=True)
see("stages", lambda: sorted(version(found) for found in client.search_model_versions("name = 'third'")))
see("latest", lambda: [version(found) for found in client.get_latest_versions("third", ["Production"])])
see("no stage", lambda: client.transition_model_version_stage("third", "1", "bogus").version)
client.set_model_version_tag("third", "1", "q", "w")
client.delete_model_version_tag("third", "1", "x")
client.update_model_version("third", "1", "changed")
client.set_registered_model_tag("third", "m", "n")
client.delete_registered_model_tag("third", "a")
client.update_registered_model("third", "new")
see("changed", lambda: [version(client.get_model_version("third", "1")), model(client.get_registered_model("third"))])
see("of run", lambda: sorted(found.name for found in client.search_model_versions(f"run_id = '{fitted}'")))
see("models", lambda: [found.name for found in client.search_registered_models("name LIKE '%model'", order_by=["name DESC"])])
see("by model tag", lambda: [found.name for found in client.search_registered_models("tags.m = 'n'")])
see("pages", lambda: [found.name for found in client.search_registered_models(max_results=2)])
see("uri", lambda: client.get_model_version_download_uri("third", "1"))
client.rename_registered_model("third", "fourth")
see("renamed model", lambda: model(client.get_registered_model("fourth")))
client.delete_model_version("fourth", "1")
see("no version", lambda: client.get_model_version("fourth", "1").version)
client.delete_registered_model("fourth")
see("no longer", lambda: client.get_registered_model("fourth").name)

# What trains by itself.
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

mlflow.sklearn.autolog()
with mlflow.start_run(run_name="auto") as active:
    LogisticRegression(max_iter=500).fit(*load_iris(return_X_y=True))
see("autolog", lambda: [sorted(run(client.get_run(active.info.run_id))["metrics"]),
                        run(client.get_run(active.info.run_id))["params"],
                        files(client.list_artifacts(active.info.run_id))[:1]])
