// Loaded in the process that starts the workers.
import childProcess from "node:child_process";
import { syncBuiltinESMExports } from "node:module";

const REQUEST = "jest-light-runner-get-worker-data";
const RESPONSE = "jest-light-runner-worker-data";

/**
 * Responds to every worker that requests its data. jest-light-runner 0.8.2 sends the data to all workers when the
 * first one requests it, and never again. A worker that starts more slowly misses it, and its test file never runs.
 */
export function serveWorkerData() {
  let data;
  const { fork } = childProcess;
  childProcess.fork = (...options) => {
    const worker = fork(...options);
    const send = worker.send.bind(worker);
    worker.send = (message, ...rest) => {
      if (message?.type === RESPONSE) {
        data = message;
      }
      return send(message, ...rest);
    };
    worker.on("message", (message) => {
      if (message === REQUEST && data !== undefined) {
        send(data);
      }
    });
    return worker;
  };
  syncBuiltinESMExports();
}
