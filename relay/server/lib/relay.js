const { accountIdOf } = require("./account");
const { asciiJson } = require("./ascii");
const log = require("./log");
const { park } = require("./parking");
const { reasonOf } = require("./reason");
const { send } = require("./send");
const { digest } = require("./signature");
const { trim } = require("./trim");

/** The platform rejects a request of more than 100 KB, and the headers count too. */
const MAX_BODY_BYTES = 96 * 1024;

/** Returns the payload without the installation parameters and the app's settings, which contain secrets. */
function withoutSecrets(payload) {
  const copy = Object.assign({}, payload);
  delete copy.iparams;
  delete copy.app_settings;
  return copy;
}

/** Returns the same ID for the same event, whether it is relayed at once or parked. */
function idOf(trimmed) {
  return "availability_" + digest(asciiJson(trimmed));
}

/** Relays one event, or parks it. */
async function relay(payload) {
  const trimmed = trim(payload);
  const id = idOf(trimmed);
  const complete = withoutSecrets(payload);
  const content = asciiJson(complete).length > MAX_BODY_BYTES ? trimmed : complete;
  const sent = await send(payload.iparams, id, content);
  if (sent.verdict === "delivered") {
    return;
  }
  const accountId = accountIdOf(payload);
  const reason = reasonOf(sent, payload.iparams, accountId);
  if (sent.verdict === "park") {
    await park([{ id: id, at: Date.now(), event: trimmed }], reason);
  } else {
    log.error("Dropped " + id + " of account " + accountId + ": " + reason + ".");
  }
}

exports.relay = relay;
