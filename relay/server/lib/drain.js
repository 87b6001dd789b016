const { accountIdOf } = require("./account");
const { isAgentEvent } = require("./agent-event");
const log = require("./log");
const { idsOf, labelOf, park, readParked, unpark } = require("./parking");
const { reasonOf } = require("./reason");
const { send } = require("./send");
const { digest } = require("./signature");

/** A parked event is dropped after this time. */
const MAX_AGE_MS = 24 * 60 * 60 * 1000;

function isExpired(parked) {
  return Date.now() - parked.at > MAX_AGE_MS;
}

/** A single event keeps its own ID. A batch has an ID that is derived from the IDs of its events. */
function batchIdOf(parked) {
  const ids = idsOf(parked);
  const kind = isAgentEvent(parked[0].event) ? "agent_batch_" : "availability_batch_";
  return ids.length === 1 ? ids[0] : kind + digest(ids.join(" "));
}

function logDropped(parked, reason) {
  parked.forEach(function (each) {
    log.error("Dropped " + labelOf(each) + ": " + reason + ".");
  });
}

/** Returns the events of a delivered batch that the hub found invalid. */
function findInvalid(parked, body) {
  const results = (body && body.results) || [];
  return results.flatMap(function (result) {
    const each = parked[result.index];
    return result.outcome === "invalid" && each ? [each] : [];
  });
}

async function sendParked(iparams, parked) {
  const events = parked.map(function (each) {
    return each.event;
  });
  const sent = await send(iparams, batchIdOf(parked), { events: events });
  const reason = reasonOf(sent, iparams, accountIdOf(events[0]));
  if (sent.verdict === "park") {
    await park(parked, reason);
    return;
  }
  await unpark(parked);
  if (sent.verdict === "rejected") {
    logDropped(parked, reason);
  } else {
    logDropped(findInvalid(parked, sent.body), "the hub rejected it as invalid");
  }
}

/** Sends an agent's parked events as one batch. Events that are more than a day old are dropped. */
async function drain(payload) {
  const parked = readParked(payload);
  const expired = parked.filter(isExpired);
  const current = parked.filter(function (each) {
    return !isExpired(each);
  });
  if (current.length > 0) {
    await sendParked(payload.iparams, current);
  } else if (expired.length > 0) {
    await unpark(expired);
  }
  logDropped(expired, "it was parked for more than 24 hours");
}

exports.drain = drain;
