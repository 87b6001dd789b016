const { fit } = require("./fit");
const { fetchSchedule, namesOf, openSchedule, write } = require("./schedules");

/** Enough for two that park the same agent at once to come one after the other, and for the second schedule. */
const TRIES = 4;

/** What a schedule, or the payload of a fired one, holds: `{id, at, event}`, `at` being when it was first parked. */
function parkedIn(schedule) {
  return (schedule && schedule.data && schedule.data.events) || [];
}

function withoutRepeats(parked) {
  const byId = {};
  parked.forEach(function (each) {
    byId[each.id] = byId[each.id] || each;
  });
  return Object.values(byId);
}

function idsOf(parked) {
  return parked.map(function (each) {
    return each.id;
  });
}

/** No schedule can be locked: another handler of the same agent may have written over what was written. */
async function assertHeld(name, ids) {
  const stored = await fetchSchedule(name);
  const storedIds = idsOf(parkedIn(stored));
  const isHeld = ids.every(function (id) {
    return storedIds.includes(id);
  });
  if (stored && !isHeld) {
    throw Object.assign(new Error("another handler wrote the same schedule"), { status: 409 });
  }
}

/** Puts events with those that the agent has parked already. Rejects when somebody else came between. */
async function putTogether(names, parked) {
  const open = await openSchedule(names);
  const fitted = fit(withoutRepeats(parkedIn(open.existing).concat(parked)));
  await write(open.name, open.existing, { events: fitted.kept });
  const keptIds = idsOf(fitted.kept);
  const own = idsOf(parked).filter(function (id) {
    return keptIds.includes(id);
  });
  await assertHeld(open.name, own);
  fitted.dropped.forEach(function (each) {
    console.error("dropped " + each.id + ": the agent has more parked events than fit");
  });
}

/** Parks events of one agent, to be sent again as one list. What cannot be parked is told in the log. */
async function park(parked) {
  const names = namesOf(parked[0].event.data.agent_availability.id);
  let problem;
  for (let tries = 0; tries < TRIES; tries += 1) {
    try {
      await putTogether(tries < 2 ? names : names.slice(1), parked);
      return;
    } catch (error) {
      problem = error;
    }
  }
  parked.forEach(function (each) {
    console.error(
      "lost " + each.id + ": it could not be parked, status " + (problem && problem.status),
    );
  });
}

exports.park = park;
exports.parkedIn = parkedIn;
