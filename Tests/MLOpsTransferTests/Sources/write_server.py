"""Logs files and a model to a tracking server of MLflow that hands files on by its proxy.

Usage: write_server.py URL DIRECTORY

Prints as JSON the id of the run, and the SHA-256 of each file by owner and path.
"""

import hashlib
import json
import os
import sys

url, directory = sys.argv[1], sys.argv[2]
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["DO_NOT_TRACK"] = "true"

from mlflow import MlflowClient  # noqa: E402

client = MlflowClient(tracking_uri=url, registry_uri=url)
files = {
    "model.bin": bytes(range(256)) * 20_000,
    "empty": b"",
    "notes/a plan & more/é漢 100%.txt": "text\n".encode(),
}
for name, data in files.items():
    place = os.path.join(directory, name)
    os.makedirs(os.path.dirname(place), exist_ok=True)
    with open(place, "wb") as file:
        file.write(data)

owner = client.create_experiment("proxied")
run = client.create_run(owner, run_name="with files")
client.log_artifacts(run.info.run_id, directory)
client.set_terminated(run.info.run_id)
model = client.create_logged_model(owner, name="proxied net", source_run_id=run.info.run_id)
client.log_model_artifacts(model.model_id, directory)
client.finalize_logged_model(model.model_id, "READY")
place = client.get_run(run.info.run_id).info.artifact_uri
assert place.startswith("mlflow-artifacts:"), place
print(json.dumps({name: hashlib.sha256(data).hexdigest() for name, data in files.items()}))
