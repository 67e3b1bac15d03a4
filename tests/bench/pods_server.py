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


class PodsServer(PreparedServer):
    def __init__(self, folder, over, count):
        self.pages = table_pages(count)
        super().__init__(folder, over)

    def answer_for(self, path):
        query = urllib.parse.parse_qs(urllib.parse.urlparse(path).query)
        return self.pages[query.get("continue", ["0"])[0]]
