"""Asks the sandbox's GitHub for one of everything and holds each answer against the description.

    check.py DESCRIPTION.json ADDRESS
"""
import json
import os
import subprocess
import sys

import jsonschema

HEAD = "a2761926192884afb988d70e79bc075965799696"
OF = "/repos/{owner}/{repo}"


def as_json_schema(value):
    """OpenAPI 3.0's `nullable` in the words of JSON Schema; formats are not compared."""
    if isinstance(value, list):
        return [as_json_schema(item) for item in value]
    if not isinstance(value, dict):
        return value
    schema = {key: as_json_schema(item) for key, item in value.items() if key != "format"}
    if schema.get("nullable") is True and "type" in schema:
        schema["type"] = [schema["type"], "null"]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
    return schema


class Judge:
    def __init__(self, description, address):
        self.paths = description["paths"]
        self.components = as_json_schema(description["components"])
        self.address = address
        self.n_good = 0
        self.complaints = []

    def send(self, method, path, body):
        command = ["curl", "-sS", "--noproxy", "*", "--cacert", os.environ["PAAS_CA_FILE"], "-X", method,
                   "-H", "Authorization: Bearer " + os.environ["PAAS_TOKEN_SCM"], "-w", "\n%{http_code}", self.address + path]
        if body is not None:
            command += ["-d", json.dumps(body)]
        text, _, status = subprocess.run(command, capture_output=True, check=True).stdout.decode().rpartition("\n")
        return status, json.loads(text)

    def schema_of(self, method, template, status):
        response = self.paths[template][method.lower()]["responses"][status]
        if "$ref" in response:
            response = self.components["responses"][response["$ref"].rpartition("/")[2]]
        schema = as_json_schema(response.get("content", {}).get("application/json", {}).get("schema", {}))
        return {"allOf": [schema], "components": self.components}

    def ask(self, template, path, status="200", method="GET", body=None):
        actual, answer = self.send(method, path, body)
        faults = [f"HTTP {actual}, expected {status}"] if actual != status else []
        if not faults:
            validator = jsonschema.Draft4Validator(self.schema_of(method, template, status))
            faults = [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
                      for error in validator.iter_errors(answer)]
        self.n_good += not faults
        self.complaints += [f"{method} {path}: {fault}" for fault in faults]
        return answer


def ask_everything(judge):
    here = "/repos/payments/checkout"
    judge.ask("/user", "/user")
    judge.ask("/rate_limit", "/rate_limit")
    judge.ask("/meta", "/meta")
    for rest, path in (
            ("", ""), ("/commits", "/commits"), ("/commits/{ref}", "/commits/main"),
            ("/compare/{basehead}", "/compare/32883ac...main"), ("/branches", "/branches"), ("/branches/{branch}", "/branches/main"),
            ("/branches/{branch}/protection/required_status_checks", "/branches/main/protection/required_status_checks"),
            ("/rules/branches/{branch}", "/rules/branches/main"), ("/pulls", "/pulls"), ("/pulls/{pull_number}", "/pulls/7"),
            ("/pulls/{pull_number}/commits", "/pulls/7/commits"), ("/commits/{ref}/status", "/commits/main/status"),
            ("/commits/{ref}/statuses", "/commits/main/statuses"), ("/actions/workflows", "/actions/workflows"),
            ("/actions/workflows/{workflow_id}", "/actions/workflows/ci.yml")):
        judge.ask(OF + rest, here + path)
    checks = judge.ask(OF + "/commits/{ref}/check-runs", here + "/commits/faster-checkout/check-runs")
    check = f"{here}/check-runs/{checks['check_runs'][1]['id']}"
    judge.ask(OF + "/check-runs/{check_run_id}", check)
    judge.ask(OF + "/check-runs/{check_run_id}/annotations", check + "/annotations")
    for run in judge.ask(OF + "/actions/runs", here + "/actions/runs")["workflow_runs"]:
        path = f"{here}/actions/runs/{run['id']}"
        judge.ask(OF + "/actions/runs/{run_id}", path)
        judge.ask(OF + "/actions/runs/{run_id}/artifacts", path + "/artifacts")
        for job in judge.ask(OF + "/actions/runs/{run_id}/jobs", path + "/jobs")["jobs"]:
            judge.ask(OF + "/actions/jobs/{job_id}", f"{here}/actions/jobs/{job['id']}")


def write_everything(judge):
    here = "/repos/payments/checkout"
    judge.ask(OF + "/statuses/{sha}", f"{here}/statuses/{HEAD}", "201", "POST", {"state": "success", "context": "x"})
    for body, status in (({"ref": "faster-checkout", "auto_merge": False}, "409"), ({"ref": "faster-checkout"}, "202"), ({}, "422")):
        judge.ask(OF + "/deployments", here + "/deployments", status, "POST", body)
    made = judge.ask(OF + "/deployments", here + "/deployments", "201", "POST", {"ref": "main", "required_contexts": []})
    deployment, template = f"{here}/deployments/{made['id']}", OF + "/deployments/{deployment_id}"
    judge.ask(template + "/statuses", deployment + "/statuses", "201", "POST", {"state": "success"})
    judge.ask(template + "/statuses", deployment + "/statuses", "422", "POST", {"state": "fine"})
    judge.ask(template + "/statuses", deployment + "/statuses")
    judge.ask(template, deployment)
    judge.ask(OF + "/deployments", here + "/deployments")


def refuse_everything(judge):
    here = "/repos/payments/checkout"
    judge.ask(OF, "/repos/payments/nobody", "404")
    judge.ask(OF + "/commits/{ref}", here + "/commits/nowhere", "422")
    judge.ask(OF + "/branches/{branch}", here + "/branches/nowhere", "404")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        judge = Judge(json.load(file), sys.argv[2])
    ask_everything(judge)
    write_everything(judge)
    refuse_everything(judge)
    for complaint in judge.complaints:
        print(complaint)
    print(f"{judge.n_good} answers are as described, {len(judge.complaints)} complaints")
    return 1 if judge.complaints else 0


sys.exit(main())
