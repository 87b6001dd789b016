const { accountIdOf } = require("./account");
const { fit } = require("./fit");
const log = require("./log");
const { fetchSchedule, namesOf, openSchedule, removeFired, write } = require("./schedules");

/**
 * Two attempts on the agent's first schedule, two on the second. Another handler of the same agent may write
 * at the same time, and the platform may reject an update.
 */
const MAX_ATTEMPTS = 4;

/** Returns the parked events of a schedule or of a fired schedule's payload: `{id, at, event}`. */
function readParked(schedule) {
  return (schedule && schedule.data && schedule.data.events) || [];
}

function idsOf(parkedEvents) {
  return parkedEvents.map(function (each) {
    return each.id;
  });
}

/**
 * Availability events do not contain the user ID, and agent events do not contain the availability ID, so an
 * agent has schedules of two kinds.
 */
function namesFor(parkedEvents) {
  const data = parkedEvents[0].event.data;
  return data.agent
    ? namesOf("user-", data.agent.user_id)
    : namesOf("agent-", data.agent_availability.id);
}

function withoutRepeats(parkedEvents) {
  const byId = {};
  parkedEvents.forEach(function (each) {
    byId[each.id] = byId[each.id] || each;
  });
  return Object.values(byId);
}

/** Returns the name of a parked event in the log. */
function labelOf(each) {
  return each.id + " of account " + accountIdOf(each.event);
}

/** The platform cannot lock a schedule: another handler of the same agent may have overwritten it. */
async function assertStored(name, ids) {
  const stored = await fetchSchedule(name);
  const storedIds = idsOf(readParked(stored));
  const areStored = ids.every(function (id) {
    return storedIds.includes(id);
  });
  if (stored && !areStored) {
    throw Object.assign(new Error("another handler wrote the same schedule"), { status: 409 });
  }
}

/** Adds events to those that the agent has parked already. Resolves to the kept and the dropped events. */
async function addToSchedule(names, parkedEvents, isRetry) {
  const target = await openSchedule(names);
  const fitResult = fit(withoutRepeats(readParked(target.existing).concat(parkedEvents)));
  await write(target, { events: fitResult.kept }, isRetry);
  const keptIds = idsOf(fitResult.kept);
  const ownIds = idsOf(parkedEvents).filter(function (id) {
    return keptIds.includes(id);
  });
  await assertStored(target.name, ownIds);
  return fitResult;
}

function logParked(parkedEvents, fitResult, reason) {
  const droppedIds = idsOf(fitResult.dropped);
  parkedEvents.forEach(function (each) {
    if (!droppedIds.includes(each.id)) {
      log.info("Parked " + labelOf(each) + ": " + reason + ".");
    }
  });
  fitResult.dropped.forEach(function (each) {
    log.error(
      "Dropped " + labelOf(each) + ": the agent has more parked events than can be stored.",
    );
  });
}

function logLost(parkedEvents, reason, error) {
  parkedEvents.forEach(function (each) {
    const cause = (error && error.status && "with status " + error.status) || "without a response";
    log.error("Lost " + labelOf(each) + ": " + reason + ", and parking failed " + cause + ".");
  });
}

/** Parks events of one agent, to be sent later as one batch. Logs what cannot be parked. Never rejects. */
async function park(parkedEvents, reason) {
  const names = namesFor(parkedEvents);
  let pending = parkedEvents;
  let problem;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    try {
      const fitResult = await addToSchedule(
        attempt < 2 ? names : names.slice(1),
        pending,
        attempt > 0,
      );
      logParked(parkedEvents, fitResult, reason);
      return;
    } catch (error) {
      problem = error;
      // If the schedule was deleted and could not be created again, its events have to be parked too.
      pending = (error && error.removedEvents) || pending;
    }
  }
  logLost(pending, reason, problem);
}

/** Deletes the fired schedules of these events, if the platform has not done so. */
async function unpark(parkedEvents) {
  const ids = idsOf(parkedEvents);
  await removeFired(namesFor(parkedEvents), function (schedule) {
    return idsOf(readParked(schedule)).every(function (id) {
      return ids.includes(id);
    });
  });
}

exports.idsOf = idsOf;
exports.labelOf = labelOf;
exports.park = park;
exports.readParked = readParked;
exports.unpark = unpark;
