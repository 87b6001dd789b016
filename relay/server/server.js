const { drain } = require("./lib/drain");
const { checkInstallation } = require("./lib/installation");
const log = require("./lib/log");
const { relay } = require("./lib/relay");

/**
 * Ends a handler. Freshworks' rules require `renderData` at the end of every handler, but its pages describe
 * it for the installation only, so a platform that does not offer it elsewhere must not fail the handler.
 */
function finish(message) {
  try {
    if (message) {
      renderData({ message: message });
    } else {
      renderData();
    }
  } catch {
    // The work is done.
  }
}

exports = {
  /** Rejects the installation with a message if the hub does not accept an empty batch. */
  onAppInstallHandler: async function (payload) {
    let message = "The relay failed. See the app's log.";
    try {
      message = await checkInstallation(payload);
    } catch (error) {
      log.error("The installation could not be checked: " + (error && error.message));
    }
    finish(message);
  },

  onAgentAvailabilityUpdateHandler: async function (payload) {
    try {
      await relay(payload);
    } catch (error) {
      log.error("Lost an event: the relay failed: " + (error && error.message));
    }
    finish();
  },

  onScheduledEventHandler: async function (payload) {
    try {
      await drain(payload);
    } catch (error) {
      log.error("Lost parked events: the relay failed: " + (error && error.message));
    }
    finish();
  },
};
