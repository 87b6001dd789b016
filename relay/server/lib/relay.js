const { asciiJson } = require("./ascii");
const { send } = require("./hub");
const { park } = require("./parking");
const { digest } = require("./signature");
const { trim } = require("./trim");

/** The platform refuses a request of over 100 KB; what surrounds the body has to fit, too. */
const MOST_BYTES = 96 * 1024;

/** The payload without what may hold secrets: installation parameters and the app's settings. */
function withoutSecrets(payload) {
  const copy = Object.assign({}, payload);
  delete copy.iparams;
  delete copy.app_settings;
  return copy;
}

/** The same for the same event, whether it is relayed live or was parked. */
function idOf(trimmed) {
  return "availability_" + digest(asciiJson(trimmed));
}

/** Relays one event, or parks it. */
async function relay(payload) {
  const trimmed = trim(payload);
  const id = idOf(trimmed);
  const whole = withoutSecrets(payload);
  const content = asciiJson(whole).length > MOST_BYTES ? trimmed : whole;
  const sent = await send(payload.iparams, id, content);
  if (sent.verdict === "drop") {
    console.error("dropped " + id + ": the hub refused it with " + sent.reason);
  }
  if (sent.verdict === "park") {
    console.warn("parking " + id + ": " + sent.reason);
    await park([{ id: id, at: Date.now(), event: trimmed }]);
  }
}

exports.relay = relay;
