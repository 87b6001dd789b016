const { accountIdOf } = require("./account");
const { hasStoredChange, isAgentEvent, trimAgentEvent } = require("./agent-event");
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

/** Returns the same ID for the same event, whether it is relayed immediately or parked. */
function idOf(trimmed) {
  const kind = isAgentEvent(trimmed) ? "agent_" : "availability_";
  return kind + digest(asciiJson(trimmed));
}

/** Delivers one event, or parks it. */
async function deliver(payload, trimmed, content) {
  const id = idOf(trimmed);
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

/** Relays an availability event as Freshdesk raised it. If it is too large, relays only what the hub reads. */
async function relayAvailability(payload) {
  const trimmed = trim(payload);
  const complete = withoutSecrets(payload);
  const isTooLarge = asciiJson(complete).length > MAX_BODY_BYTES;
  await deliver(payload, trimmed, isTooLarge ? trimmed : complete);
}

/** Relays an event of an agent, reduced to what the hub reads. */
async function relayAgentEvent(payload) {
  const trimmed = trimAgentEvent(payload);
  await deliver(payload, trimmed, trimmed);
}

/** Relays an update of an agent, unless nothing changed that the hub stores. */
async function relayUpdate(payload) {
  if (hasStoredChange(payload)) {
    await relayAgentEvent(payload);
  }
}

exports.relayAgentEvent = relayAgentEvent;
exports.relayAvailability = relayAvailability;
exports.relayUpdate = relayUpdate;
