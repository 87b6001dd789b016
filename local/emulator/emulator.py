"""Runs MiniStack until the process at the other end of standard input ends.

However that process ends, the emulator, the functions' workers and the working folder are removed.
"""

import os
import runpy
import shutil
import signal
import threading

from ministack.services import eventbridge


def end_with_parent():
    while os.read(0, 1):
        pass
    shutil.rmtree(os.getcwd(), ignore_errors=True)
    os.killpg(0, signal.SIGKILL)


def use_time_of_entries():
    """Gives an event the Time of its entry, as EventBridge does; archives and replays use it.

    MiniStack uses the time of arrival.
    """
    put_events, now = eventbridge._put_events, eventbridge._now_ts
    current = threading.local()

    class Entries(list):
        def __iter__(self):
            for entry in super().__iter__():
                current.time = entry.get("Time")
                yield entry

    def time_of_entry_or_now():
        time = getattr(current, "time", None)
        return now() if not time else eventbridge._coerce_timestamp(time)

    def put_events_with_their_times(data, **options):
        try:
            return put_events({**data, "Entries": Entries(data.get("Entries", []))}, **options)
        finally:
            current.time = None

    eventbridge._now_ts = time_of_entry_or_now
    eventbridge._put_events = put_events_with_their_times


use_time_of_entries()
threading.Thread(target=end_with_parent, daemon=True).start()
runpy.run_module("ministack", run_name="__main__", alter_sys=True)
