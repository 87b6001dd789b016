"""Reads {"patterns": [...], "events": [...]}, and says for each pattern which events pass, as moto's rules match."""

import json
import sys

from moto.events.models import EventPattern

asked = json.load(sys.stdin)
answers = [
    [EventPattern(None, pattern).matches_event(event) for event in asked["events"]]
    for pattern in asked["patterns"]
]
json.dump(answers, sys.stdout)
