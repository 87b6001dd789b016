"""Reads {"patterns": [...], "events": [...]}, and prints for each pattern whether each event matches in moto."""

import json
import sys

from moto.events.models import EventPattern

request = json.load(sys.stdin)
results = [
    [EventPattern(None, pattern).matches_event(event) for event in request["events"]]
    for pattern in request["patterns"]
]
json.dump(results, sys.stdout)
