"""A cluster of many pods for the bench: answers lists of them as Table rows, in pages."""
import json
import urllib.parse

from prepared_server import PreparedServer

COLUMNS = ("Name", "Ready", "Status", "Restarts", "Age", "IP", "Node", "Nominated Node", "Readiness Gates")


def table_pages(count, page=500):
    """-> {continue token, "0" at first: bytes}"""
    definitions = [{"name": name, "type": "string", "format": "name" if name == "Name" else "",
                    "description": "what kubectl explain says of it, in a sentence or two", "priority": 0} for name in COLUMNS]
    rows = [{"cells": [f"checkout-{i // 20:04x}d9f8c7b6-{i:05d}", "1/1", "Running", 0, "3d", "10.0.0.1",
                       "ip-10-0-0-1.eu-west-1.compute.internal", "<none>", "<none>"], "object": None} for i in range(count)]
    pages = {}
    for at in range(0, count, page):
        onward = str(at + page) if at + page < count else ""
        pages[str(at)] = json.dumps({"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {"continue": onward},
                                     "columnDefinitions": definitions, "rows": rows[at:at + page]},
                                    separators=(",", ":")).encode()
    return pages


def pod_list(count):
    """Full objects, as an API server sends them to whom asks for no Table -> bytes"""
    def pod(i):
        name = f"checkout-{i // 20:04x}d9f8c7b6-{i:05d}"
        container = {"name": "checkout", "image": "registry.example/payments/checkout:1.0", "imagePullPolicy": "IfNotPresent",
                     "env": [{"name": f"VARIABLE_{n}", "value": f"value {n}"} for n in range(12)],
                     "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
                     "resources": {"limits": {"cpu": "400m", "memory": "512Mi"}, "requests": {"cpu": "200m", "memory": "256Mi"}},
                     "volumeMounts": [{"name": "config", "mountPath": "/var/run/config", "readOnly": True}],
                     "readinessProbe": {"httpGet": {"path": "/_/ready", "port": "http", "scheme": "HTTP"}, "periodSeconds": 10}}
        state = {"name": "checkout", "state": {"running": {"startedAt": "2026-10-15T10:00:05Z"}}, "lastState": {}, "ready": True,
                 "restartCount": i % 7, "image": container["image"], "imageID": f"registry.example/payments/checkout@sha256:{i:064x}"}
        conditions = [{"type": kind, "status": "True", "lastProbeTime": None, "lastTransitionTime": "2026-10-15T10:00:00Z"}
                      for kind in ("Initialized", "Ready", "ContainersReady", "PodScheduled")]
        owned = {"f:metadata": {"f:labels": {".": {}, "f:app": {}}}, "f:spec": {"f:containers": {'k:{"name":"checkout"}': {
            key: {} for key in (".", "f:env", "f:image", "f:name", "f:ports", "f:readinessProbe", "f:resources")}}}}
        return {"metadata": {"name": name, "generateName": name[:-5], "namespace": "team", "uid": f"{i:08x}-64f3-40fa-9bb5-5d83a6a1c2aa",
                             "resourceVersion": str(1234567 + i), "creationTimestamp": "2026-10-15T10:00:00Z",
                             "labels": {"app": "checkout", "pod-template-hash": name[9:-6]},
                             "annotations": {"prometheus.io/scrape": "true", "note": "\u201cquoted\u201d \"text\"\n"},
                             "managedFields": [{"manager": manager, "operation": "Update", "apiVersion": "v1", "fieldsType": "FieldsV1",
                                                "fieldsV1": owned} for manager in ("kube-controller-manager", "kubelet")]},
                "spec": {"containers": [container], "nodeName": f"node-{i % 100}", "restartPolicy": "Always"},
                "status": {"phase": "Running", "conditions": conditions, "podIP": "10.0.0.1", "containerStatuses": [state]}}
    return json.dumps({"kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": "1234567"},
                       "items": [pod(i) for i in range(count)]}, separators=(",", ":"), ensure_ascii=False).encode()


class PodsServer(PreparedServer):
    def __init__(self, folder, over, count):
        self.pages = table_pages(count)
        super().__init__(folder, over)

    def answer_for(self, path):
        query = urllib.parse.parse_qs(urllib.parse.urlparse(path).query)
        return self.pages[query.get("continue", ["0"])[0]]
