const { asciiJson } = require("./ascii");
const { fit } = require("./fit");
const { send } = require("./hub");
const { digest } = require("./signature");

const MINUTE_MS = 60 * 1000;

/** The platform takes no schedule less than 5 minutes ahead; its clock may be a little off ours. */
const SOONEST_MS = 5 * MINUTE_MS + 15 * 1000;

/**
 * Over this long schedules are spread: with 1,000 of them, which is all that an installation may have,
 * they take 33 of the 50 requests a minute, and leave the rest to live events.
 */
const SPREAD_MS = 30 * MINUTE_MS;

/** After this a parked event is given up. */
const OLDEST_MS = 24 * 60 * MINUTE_MS;

const TRIES = 3;

/** One schedule an agent, named by it: letters, digits and hyphens, at most 30. */
function nameOf(parked) {
  const agent = parked.event.data.agent_availability;
  const id = String(agent.id);
  return /^\d{1,20}$/.test(id)
    ? "agent-" + id
    : "agent-" +
        digest(asciiJson([id]))
          .replace(/[^A-Za-z0-9]/g, "")
          .slice(0, 20);
}

/** The same agent always has the same place in the spread. */
function placeOf(name) {
  let sum = 0;
  for (const character of digest(name)) {
    sum = (sum * 31 + character.charCodeAt(0)) % 100003;
  }
  return (sum % 1000) / 1000;
}

function soonest(name) {
  return Date.now() + SOONEST_MS + Math.floor(placeOf(name) * SPREAD_MS);
}

/** What is planned already stays as planned, unless it is too near to be changed. */
function timeFor(name, existing) {
  const planned = existing ? Date.parse(existing.schedule_at) : 0;
  return new Date(planned >= Date.now() + SOONEST_MS ? planned : soonest(name)).toISOString();
}

async function fetchSchedule(name) {
  try {
    return await $schedule.fetch({ name: name });
  } catch (error) {
    if (error && error.status === 404) {
      return undefined;
    }
    throw error;
  }
}

function parkedIn(existing) {
  return (existing && existing.data && existing.data.events) || [];
}

function withoutRepeats(parked) {
  const byId = {};
  parked.forEach(function (each) {
    byId[each.id] = byId[each.id] || each;
  });
  return Object.values(byId);
}

function tellDropped(dropped) {
  dropped.forEach(function (each) {
    console.error("dropped " + each.id + ": the agent has more parked events than fit");
  });
}

/** Puts events with those that the agent has parked already. Rejects when somebody else came first. */
async function putTogether(name, parked) {
  const existing = await fetchSchedule(name);
  const fitted = fit(withoutRepeats(parkedIn(existing).concat(parked)));
  const schedule = {
    name: name,
    data: { events: fitted.kept },
    schedule_at: timeFor(name, existing),
  };
  await (existing ? $schedule.update(schedule) : $schedule.create(schedule));
  tellDropped(fitted.dropped);
}

/** Parks events of one agent, to be sent again as one list. */
async function parkAll(parked) {
  const name = nameOf(parked[0]);
  for (let tries = 1; tries <= TRIES; tries += 1) {
    try {
      await putTogether(name, parked);
      return;
    } catch (error) {
      if (tries === TRIES) {
        parked.forEach(function (each) {
          console.error(
            "lost " + each.id + ": it could not be parked, status " + (error && error.status),
          );
        });
      }
    }
  }
}

/** Parks one event. */
async function park(parked) {
  await parkAll([parked]);
}

function isTooOld(parked) {
  return Date.now() - parked.at > OLDEST_MS;
}

/** An event alone keeps its own id; a list has one made of the ids of its events. */
function listIdOf(parked) {
  const ids = parked.map(function (each) {
    return each.id;
  });
  return ids.length === 1 ? ids[0] : "availability_list_" + digest(ids.join(" "));
}

function tellInvalid(parked, json) {
  const results = (json && json.results) || [];
  results.forEach(function (result) {
    if (result.outcome === "invalid" && parked[result.index]) {
      console.error("dropped " + parked[result.index].id + ": the hub finds it invalid");
    }
  });
}

async function sendParked(iparams, parked) {
  const events = parked.map(function (each) {
    return each.event;
  });
  const sent = await send(iparams, listIdOf(parked), { events: events });
  if (sent.verdict === "done") {
    tellInvalid(parked, sent.json);
  } else if (sent.verdict === "drop") {
    console.error(
      "dropped " + listIdOf(parked) + ": the hub refused it with status " + sent.status,
    );
  } else {
    console.warn("parking " + listIdOf(parked) + " again: status " + sent.status);
    await parkAll(parked);
  }
}

/** Sends what an agent has parked, as one list. What is over a day old is given up. */
async function drain(payload) {
  const parked = parkedIn(payload);
  const young = parked.filter(function (each) {
    return !isTooOld(each);
  });
  parked.filter(isTooOld).forEach(function (each) {
    console.error("dropped " + each.id + ": it was parked for over 24 hours");
  });
  if (young.length > 0) {
    await sendParked(payload.iparams, young);
  }
}

exports.park = park;
exports.drain = drain;
