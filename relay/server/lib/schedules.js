const { asciiJson } = require("./ascii");
const { digest } = require("./signature");

const MINUTE_MS = 60 * 1000;

/** The platform takes no schedule less than 5 minutes ahead; its clock may be a little off ours. */
const SOONEST_MS = 5 * MINUTE_MS + 15 * 1000;

/**
 * Over this long schedules are spread: with 1,000 of them, which is all that an installation may have,
 * they take 33 of the 50 requests a minute, and leave the rest to live events.
 */
const SPREAD_MS = 30 * MINUTE_MS;

/**
 * The schedule of an agent, named by it: letters, digits and hyphens, at most 30. The second is for the
 * minutes in which the first is too near to be changed, or cannot be.
 */
function namesOf(agentId) {
  const id = String(agentId);
  const safe = /^\d{1,20}$/.test(id)
    ? id
    : digest(asciiJson([id]))
        .replace(/[^A-Za-z0-9]/g, "")
        .slice(0, 20);
  return ["agent-" + safe, "agent-" + safe + "-2"];
}

/** The same name always has the same place in the spread. */
function placeOf(name) {
  let sum = 0;
  for (const character of digest(name)) {
    sum = (sum * 31 + character.charCodeAt(0)) % 100003;
  }
  return (sum % 1000) / 1000;
}

function plannedTime(schedule) {
  return schedule ? Date.parse(schedule.schedule_at) : 0;
}

/** The platform would take a change of it only together with a later time. */
function isAboutToFire(schedule) {
  const ahead = plannedTime(schedule) - Date.now();
  return ahead > 0 && ahead < SOONEST_MS;
}

/** What is planned stays as planned: adding to it must not put it off. */
function timeFor(name, existing) {
  const planned = plannedTime(existing);
  const now = Date.now();
  const time =
    planned >= now + SOONEST_MS
      ? planned
      : now + SOONEST_MS + Math.floor(placeOf(name) * SPREAD_MS);
  return new Date(time).toISOString();
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

/** The one of an agent's two schedules to add to, with what is in it. */
async function openSchedule(names) {
  const first = await fetchSchedule(names[0]);
  return names.length > 1 && isAboutToFire(first)
    ? { name: names[1], existing: await fetchSchedule(names[1]) }
    : { name: names[0], existing: first };
}

async function write(name, existing, data) {
  const schedule = { name: name, data: data, schedule_at: timeFor(name, existing) };
  await (existing ? $schedule.update(schedule) : $schedule.create(schedule));
}

exports.namesOf = namesOf;
exports.fetchSchedule = fetchSchedule;
exports.openSchedule = openSchedule;
exports.write = write;
