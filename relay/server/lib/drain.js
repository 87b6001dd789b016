const { accountIdOf } = require("./account");
const { isAgentEvent } = require("./agent-event");
const log = require("./log");
const { idsOf, labelOf, park, readParked, unpark } = require("./parking");
const { reasonOf } = require("./reason");
const { send } = require("./send");
const { digest } = require("./signature");

/** A parked event is dropped after this time. */
const MAX_AGE_MS = 24 * 60 * 60 * 1000;

function isExpired(parkedEvent) {
  return Date.now() - parkedEvent.at > MAX_AGE_MS;
}

/** A single event keeps its own ID. A batch has an ID that is derived from the IDs of its events. */
function batchIdOf(parkedEvents) {
  const ids = idsOf(parkedEvents);
  const kind = isAgentEvent(parkedEvents[0].event) ? "agent_batch_" : "availability_batch_";
  return ids.length === 1 ? ids[0] : kind + digest(ids.join(" "));
}

function logDropped(parkedEvents, reason) {
  parkedEvents.forEach(function (each) {
    log.error("Dropped " + labelOf(each) + ": " + reason + ".");
  });
}

/** Returns the events of a delivered batch that the hub found invalid. */
function findInvalid(parkedEvents, body) {
  const results = (body && body.results) || [];
  return results.flatMap(function (result) {
    const each = parkedEvents[result.index];
    return result.outcome === "invalid" && each ? [each] : [];
  });
}

async function sendParked(iparams, parkedEvents) {
  const events = parkedEvents.map(function (each) {
    return each.event;
  });
  const sent = await send(iparams, batchIdOf(parkedEvents), { events: events });
  const reason = reasonOf(sent, iparams, accountIdOf(events[0]));
  if (sent.verdict === "park") {
    await park(parkedEvents, reason);
    return;
  }
  await unpark(parkedEvents);
  if (sent.verdict === "rejected") {
    logDropped(parkedEvents, reason);
  } else {
    logDropped(findInvalid(parkedEvents, sent.body), "the hub rejected it as invalid");
  }
}

/** Sends an agent's parked events as one batch. Events that are more than a day old are dropped. */
async function drain(payload) {
  const parkedEvents = readParked(payload);
  const expired = parkedEvents.filter(isExpired);
  const current = parkedEvents.filter(function (each) {
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
