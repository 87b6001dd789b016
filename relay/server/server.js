const { drain } = require("./lib/drain");
const { checkInstallation } = require("./lib/installation");
const log = require("./lib/log");
const { relayAgentEvent, relayAvailability, relayUpdate } = require("./lib/relay");

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

/** Runs a handler and ends it in every case. */
async function run(relay, payload, subject) {
  try {
    await relay(payload);
  } catch (error) {
    log.error("Lost " + subject + " because the relay failed: " + (error && error.message));
  }
  finish();
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
    await run(relayAvailability, payload, "an event");
  },

  onAgentUpdateHandler: async function (payload) {
    await run(relayUpdate, payload, "an event");
  },

  onAgentDeleteHandler: async function (payload) {
    await run(relayAgentEvent, payload, "an event");
  },

  onScheduledEventHandler: async function (payload) {
    await run(drain, payload, "parked events");
  },
};
