/**
 * The app's log. The platform documents `console.info` and `console.error`, and no other method.
 *
 * Logging never fails: a handler that ended because of a log line would lose its event.
 */
function info(line) {
  try {
    console.info(line);
  } catch {
    // There is no other place to report this.
  }
}

function error(line) {
  try {
    console.error(line);
  } catch {
    // There is no other place to report this.
  }
}

exports.info = info;
exports.error = error;
