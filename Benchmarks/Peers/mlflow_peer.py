"""MLflow, in-process on its SQLite store: each call is a transaction of SQLAlchemy's."""

import logging
import multiprocessing
import sqlite3
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing

import mlflow
from mlflow.entities import Metric
from mlflow.exceptions import MlflowException

import common

EXPERIMENT = "bench"
# The largest batch that MLflow accepts in one call.
BATCH = 1000


def path(directory):
    """The database."""
    return f"{directory}/mlflow.db"


def connect(directory):
    """Returns a client of the database, which its first use makes."""
    logging.getLogger("mlflow").setLevel(logging.WARNING)
    mlflow.set_tracking_uri(f"sqlite:///{path(directory)}")
    return mlflow.MlflowClient()


def start(directory):
    """Makes the database and an experiment."""
    client = connect(directory)
    experiment = client.create_experiment(EXPERIMENT, artifact_location=f"{directory}/artifacts")
    mlflow.set_experiment(EXPERIMENT)
    return client, experiment


def stored(directory):
    """Counts the points that are in the database."""
    return common.number(path(directory), "SELECT count(*) FROM metrics")


def bulk(directory, sql, rows):
    """Puts rows in behind MLflow's back, where its own calls would take hours."""
    with closing(sqlite3.connect(path(directory))) as database, database:
        database.executemany(sql, rows)


def batches(points, metrics):
    """Makes points, in batches of the largest size."""
    for first in range(0, points, BATCH):
        now = int(time.time() * 1000)
        batch = []
        for point in range(first, min(points, first + BATCH)):
            step, metric = divmod(point, metrics)
            batch.append(Metric(f"metric-{metric}", 1 / (1 + step), now, step))
        yield batch


def ingest(directory, points, metrics):
    """Logs points in batches of the largest size."""
    client, experiment = start(directory)
    run = client.create_run(experiment).info.run_id

    def log():
        for batch in batches(points, metrics):
            client.log_batch(run, metrics=batch)

    return {"ingest": points / common.seconds(log), "rows": stored(directory)}


def write(directory, run, points, ready):
    """Logs points of one process when all are ready; returns start, end, and what has failed."""
    client = connect(directory)
    # Failures are counted; their tracebacks would flood the output.
    logging.getLogger("mlflow").setLevel(logging.CRITICAL)
    client.get_run(run)
    ready.wait(300)
    errors = []
    start = time.perf_counter()
    for batch in batches(points, 1):
        try:
            client.log_batch(run, metrics=batch)
        except MlflowException as error:
            errors.append(str(getattr(error.__cause__, "orig", error)))
    return start, time.perf_counter(), errors


def processes(directory, count, points):
    """Logs from several processes at once; their start, which takes seconds, does not count.

    A batch that was refused is not tried again: the caller has been told that it is lost.
    """
    client, experiment = start(directory)
    runs = [client.create_run(experiment).info.run_id for _ in range(count)]
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager, ProcessPoolExecutor(count, context) as pool:
        ready = manager.Barrier(count)
        writers = [pool.submit(write, directory, run, points, ready) for run in runs]
        starts, ends, errors = zip(*(writer.result() for writer in writers))
    rows = stored(directory)
    figures = {
        "ingest": rows / (max(ends) - min(starts)), "rows": rows, "lost": count * points - rows}
    failed = [error for process in errors for error in process]
    if failed:
        calls = count * -(-points // BATCH)
        figures["error"] = f"{len(failed)} of {calls} calls failed: {failed[0]}"
    return figures


def log(directory, count):
    """The cost of one call."""
    start(directory)
    with mlflow.start_run():
        figures = common.call_costs(
            lambda step: mlflow.log_metric("loss", 1 / (1 + step), step=step), count)
    return figures | {"rows": stored(directory)}


def run(directory, count):
    """Starts a run with 10 parameters, logs 5 metrics, and finishes it."""
    start(directory)

    def one():
        with mlflow.start_run():
            mlflow.log_params({f"parameter-{number}": number for number in range(10)})
            mlflow.log_metrics({f"metric-{number}": 0.5 for number in range(5)}, step=0)

    one()
    total = common.seconds(lambda: [one() for _ in range(count)])
    runs = common.number(path(directory), "SELECT count(*) FROM runs WHERE status = 'FINISHED'")
    return {"run": count / total, "rows": runs - 1}


def history(directory, points):
    """Reads all points of one metric."""
    client, experiment = start(directory)
    run = client.create_run(experiment).info.run_id
    bulk(
        directory,
        "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan)"
        " VALUES ('metric-0', ?, ?, ?, ?, 0)",
        ((1 / (1 + step), 1_700_000_000_000 + step, run, step) for step in range(points)),
    )
    rows = []
    total = common.seconds(lambda: rows.extend(client.get_metric_history(run, "metric-0")))
    return {"read": points / total, "rows": len(rows)}


def search(directory, runs, rounds):
    """Filters runs by a metric and a parameter, ranks them by the metric, and takes the top 50."""
    client, experiment = start(directory)
    ids = [f"{number:032x}" for number in range(runs)]
    bulk(
        directory,
        "INSERT INTO runs (run_uuid, name, source_type, user_id, status, start_time, end_time,"
        " lifecycle_stage, artifact_uri, experiment_id)"
        " VALUES (?, ?, 'LOCAL', 'bench', 'FINISHED', ?, ?, 'active', 'none', ?)",
        ((id, id, number, number, experiment) for number, id in enumerate(ids)),
    )
    for key, value in (("accuracy", common.accuracy), ("loss", lambda number: 0.5)):
        bulk(
            directory,
            "INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid)"
            " VALUES (?, ?, 0, 0, 0, ?)",
            ((key, value(number), id) for number, id in enumerate(ids)),
        )
    for key, value in (("optimizer", common.optimizer), ("depth", lambda number: "12")):
        bulk(
            directory,
            "INSERT INTO params (key, value, run_uuid) VALUES (?, ?, ?)",
            ((key, value(number), id) for number, id in enumerate(ids)),
        )

    def find():
        found = client.search_runs(
            [experiment],
            "metrics.accuracy > 0.9 and params.optimizer = 'adam'",
            order_by=["metrics.accuracy DESC"],
            max_results=50,
        )
        assert len(found) == 50 and found[0].data.params["optimizer"] == "adam"

    times = [common.seconds(find) * 1000 for _ in range(rounds)]
    rows = common.number(path(directory), "SELECT count(*) FROM runs")
    return {"search": common.median(times), "rows": rows}


def first(directory):
    """The first use of a new database, up to an experiment to log to; without the import."""
    return {"new": common.seconds(lambda: start(directory)) * 1000}


if __name__ == "__main__":
    common.main(
        {"ingest": ingest, "processes": processes, "log": log, "run": run, "history": history,
         "search": search, "open": first})
