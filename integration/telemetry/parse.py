"""Reads one exposition with the parser of Prometheus' own client library and prints its families as JSON."""

import json
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as prometheus

parse = {"openmetrics": openmetrics, "prometheus": prometheus}[sys.argv[1]]
families = list(parse(sys.stdin.read()))
names = [family.name for family in families]
assert len(set(names)) == len(names), "a family comes twice"
rows = [
    {
        "name": family.name,
        "type": family.type,
        "help": family.documentation,
        "samples": [[sample.name, sample.labels, sample.value] for sample in family.samples],
    }
    for family in families
]
json.dump(rows, sys.stdout)
