const { relay } = require("./lib/relay");
const { drain } = require("./lib/drain");
const { ping } = require("./lib/ping");

exports = {
  /** Refuses the installation, with a sentence, when the hub does not take an empty list. */
  onAppInstallHandler: async function (payload) {
    const problem = await ping(payload.iparams);
    if (problem) {
      renderData({ message: problem });
    } else {
      renderData();
    }
  },

  onAgentAvailabilityUpdateHandler: async function (payload) {
    await relay(payload);
  },

  onScheduledEventHandler: async function (payload) {
    await drain(payload);
  },
};
