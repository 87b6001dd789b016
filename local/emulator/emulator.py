"""Runs MiniStack until the process at the other end of standard input ends.

However that process ends, the emulator, the functions' workers and the working folder are removed.
"""

import os
import queue
import runpy
import shutil
import signal
import threading

from ministack.core import lambda_runtime
from ministack.services import eventbridge

END_OF_LOG = "end of the log of this invocation"


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


def read_whole_logs():
    """Reads everything that a function logs before it responds.

    MiniStack waits 50 milliseconds for the first line. On a busy machine, lines arrive later, and MiniStack
    would write them with the worker's next invocation, or never. It would also delay each call that logs nothing.
    """
    define = "const _realStdoutWrite = process.stdout.write.bind(process.stdout);"
    script = lambda_runtime._NODEJS_WORKER_SCRIPT
    if script.count(define) != 1:
        raise RuntimeError("MiniStack's worker of Node.js functions has changed")
    # The worker writes its responses with this function. The first line that it reads configures it; each later
    # one is an invocation.
    lambda_runtime._NODEJS_WORKER_SCRIPT = script.replace(
        define,
        f"""const _respond = process.stdout.write.bind(process.stdout);
const _realStdoutWrite = (response) => {{
  if (lineNum > 1) {{
    _stderrWrite("{END_OF_LOG}\\n");
  }}
  return _respond(response);
}};""",
    )
    read_log = lambda_runtime.Worker._drain_stderr_bounded

    def read_whole_log(worker, **options):
        if not worker.config.get("Runtime", "").startswith("nodejs"):
            return read_log(worker, **options)
        lines = []
        while True:
            try:
                line = worker._stderr_queue.get(timeout=0.1)
            except queue.Empty:
                if worker._stderr_thread.is_alive():
                    continue
                break
            if line.endswith(END_OF_LOG):
                # A last line may have no line break.
                lines.extend(filter(None, [line.removesuffix(END_OF_LOG)]))
                break
            lines.append(line)
        return "\n".join(lines)

    lambda_runtime.Worker._drain_stderr_bounded = read_whole_log


use_time_of_entries()
read_whole_logs()
threading.Thread(target=end_with_parent, daemon=True).start()
runpy.run_module("ministack", run_name="__main__", alter_sys=True)
