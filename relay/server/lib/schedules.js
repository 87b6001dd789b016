const { asciiJson } = require("./ascii");
const { digest } = require("./signature");

const MINUTE_MS = 60 * 1000;

/** The platform accepts a schedule 5 minutes ahead or later. Its clock may differ a little from the app's. */
const MIN_DELAY_MS = 5 * MINUTE_MS + 15 * 1000;

/**
 * Schedules are spread over this time. An installation may have 1,000 of them, which then use 33 of the 50
 * requests a minute and leave the rest to live events.
 */
const SPREAD_MS = 30 * MINUTE_MS;

/**
 * Returns the names of two schedules: letters, digits and hyphens, at most 30. The second is for the minutes
 * in which the first is about to fire, or cannot be changed.
 */
function namesOf(prefix, value) {
  const id = String(value);
  const safe = /^\d{1,20}$/.test(id)
    ? id
    : digest(asciiJson([id]))
        .replace(/[^A-Za-z0-9]/g, "")
        .slice(0, 20);
  return [prefix + safe, prefix + safe + "-2"];
}

/** Returns a name's place in the spread, from 0 to 1. A name always has the same place. */
function placeOf(name) {
  let sum = 0;
  for (const character of digest(name)) {
    sum = (sum * 31 + character.charCodeAt(0)) % 100003;
  }
  return (sum % 1000) / 1000;
}

function plannedTime(schedule) {
  return schedule ? Date.parse(schedule.schedule_at) : NaN;
}

/** Returns whether the schedule fires too soon to be changed: the platform accepts a change only with a later time. */
function isAboutToFire(schedule) {
  const ahead = plannedTime(schedule) - Date.now();
  return ahead > 0 && ahead < MIN_DELAY_MS;
}

/** Returns whether the schedule has fired, or is late. */
function isDue(schedule) {
  return plannedTime(schedule) <= Date.now();
}

/** Keeps the planned time: adding an event must not delay those that are parked already. */
function timeFor(name, existing) {
  const planned = plannedTime(existing);
  const now = Date.now();
  const time =
    planned >= now + MIN_DELAY_MS
      ? planned
      : now + MIN_DELAY_MS + Math.floor(placeOf(name) * SPREAD_MS);
  return new Date(time).toISOString();
}

function statusOf(error) {
  return error && error.status;
}

async function fetchSchedule(name) {
  try {
    return await $schedule.fetch({ name: name });
  } catch (error) {
    if (statusOf(error) === 404) {
      return undefined;
    }
    throw error;
  }
}

async function remove(name) {
  try {
    await $schedule.delete({ name: name });
  } catch (error) {
    if (statusOf(error) !== 404) {
      throw error;
    }
  }
}

/** Returns the agent's schedule to add events to, with its current content. */
async function openSchedule(names) {
  const first = await fetchSchedule(names[0]);
  return names.length > 1 && isAboutToFire(first)
    ? { name: names[1], existing: await fetchSchedule(names[1]) }
    : { name: names[0], existing: first };
}

async function replace(schedule) {
  await remove(schedule.name);
  try {
    await $schedule.create(schedule);
  } catch (error) {
    throw Object.assign(new Error("the schedule was deleted and could not be created again"), {
      status: statusOf(error),
      removedEvents: schedule.data.events,
    });
  }
}

function isRejection(error) {
  const status = statusOf(error);
  return status >= 400 && status < 500 && status !== 429;
}

/**
 * Writes a schedule. The platform does not document what happens to a one-time schedule that has fired: it
 * may be gone, or it may remain and reject an update or never fire again. So a schedule that is due, or
 * whose second update was rejected, is deleted and created again.
 */
async function write(target, data, isRetry) {
  const existing = target.existing;
  const schedule = { name: target.name, data: data, schedule_at: timeFor(target.name, existing) };
  if (isDue(existing)) {
    await replace(schedule);
    return;
  }
  try {
    await (existing ? $schedule.update(schedule) : $schedule.create(schedule));
  } catch (error) {
    if (!isRetry || !isRejection(error)) {
      throw error;
    }
    await replace(schedule);
  }
}

/** Deletes schedules that have fired and still exist, if `isDelivered` returns true for them. Never rejects. */
async function removeFired(names, isDelivered) {
  for (const name of names) {
    try {
      const schedule = await fetchSchedule(name);
      if (isDue(schedule) && isDelivered(schedule)) {
        await remove(name);
      }
    } catch {
      // The agent's next parked event replaces the schedule.
    }
  }
}

exports.fetchSchedule = fetchSchedule;
exports.namesOf = namesOf;
exports.openSchedule = openSchedule;
exports.removeFired = removeFired;
exports.write = write;
