"""
Usage: matching.py moto|ministack

Reads {"patterns": [...], "events": [...]}, and prints for each pattern whether each event matches.
"""

import json
import sys

request = json.load(sys.stdin)

if sys.argv[1] == "moto":
    from moto.events.models import EventPattern

    def matches(pattern, event):
        return EventPattern(None, pattern).matches_event(event)

else:
    from ministack.services.eventbridge import _test_event_pattern

    def matches(pattern, event):
        _status, _headers, body = _test_event_pattern({"EventPattern": json.dumps(pattern), "Event": event})
        return json.loads(body)["Result"]


json.dump(
    [[matches(pattern, event) for event in request["events"]] for pattern in request["patterns"]],
    sys.stdout,
)
