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

function idsOf(parked) {
  return parked.map(function (each) {
    return each.id;
  });
}

/**
 * Availability events do not contain the user ID, and agent events do not contain the availability ID, so an
 * agent has schedules of two kinds.
 */
function namesFor(parked) {
  const data = parked[0].event.data;
  return data.agent
    ? namesOf("user-", data.agent.user_id)
    : namesOf("agent-", data.agent_availability.id);
}

function withoutRepeats(parked) {
  const byId = {};
  parked.forEach(function (each) {
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
async function add(names, parked, isRetry) {
  const open = await openSchedule(names);
  const fitted = fit(withoutRepeats(readParked(open.existing).concat(parked)));
  await write(open, { events: fitted.kept }, isRetry);
  const keptIds = idsOf(fitted.kept);
  const ownIds = idsOf(parked).filter(function (id) {
    return keptIds.includes(id);
  });
  await assertStored(open.name, ownIds);
  return fitted;
}

function logParked(parked, fitted, reason) {
  const droppedIds = idsOf(fitted.dropped);
  parked.forEach(function (each) {
    if (!droppedIds.includes(each.id)) {
      log.info("Parked " + labelOf(each) + ": " + reason + ".");
    }
  });
  fitted.dropped.forEach(function (each) {
    log.error(
      "Dropped " + labelOf(each) + ": the agent has more parked events than can be stored.",
    );
  });
}

function logLost(parked, reason, error) {
  parked.forEach(function (each) {
    const cause = "parking failed with status " + (error && error.status);
    log.error("Lost " + labelOf(each) + ": " + reason + ", and " + cause + ".");
  });
}

/** Parks events of one agent, to be sent later as one batch. Logs what cannot be parked. Never rejects. */
async function park(parked, reason) {
  const names = namesFor(parked);
  let pending = parked;
  let problem;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    try {
      const fitted = await add(attempt < 2 ? names : names.slice(1), pending, attempt > 0);
      logParked(parked, fitted, reason);
      return;
    } catch (error) {
      problem = error;
      // If the schedule was deleted and could not be created again, its events have to be parked too.
      pending = (error && error.removed) || pending;
    }
  }
  logLost(pending, reason, problem);
}

/** Deletes the fired schedules of these events, if the platform has not done so. */
async function unpark(parked) {
  const ids = idsOf(parked);
  await removeFired(namesFor(parked), function (schedule) {
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
