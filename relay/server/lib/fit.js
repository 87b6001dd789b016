const { asciiJson } = require("./ascii");

/** A schedule's data may have 4 KB. The rest is left for what the platform may add. */
const MAX_BYTES = 4000;

function sizeOf(parked) {
  return asciiJson({ events: parked }).length;
}

function removeFromChannels(event, field) {
  (event.data.agent_availability.channel_availability || []).forEach(function (channel) {
    delete channel[field];
  });
}

/** What the hub does not compare. Without it, the event still equals the complete one. */
const notCompared = [
  function (event) {
    delete event.data.changes;
  },
  function (event) {
    delete event.data.agent_availability.created_at;
    delete event.domain;
    delete event.region;
  },
];

/** What the hub compares, the least important first. The availability itself is never removed. */
const compared = [
  function (event) {
    removeFromChannels(event, "channel_account_id");
  },
  function (event) {
    delete event.data.actor.name;
  },
  function (event) {
    delete event.data.agent_availability.name;
    delete event.data.associations.status.name;
  },
  function (event) {
    removeFromChannels(event, "agent_id");
  },
];

function removeUntilItFits(parked, removals) {
  for (const remove of removals) {
    if (sizeOf([parked]) <= MAX_BYTES) {
      return;
    }
    remove(parked.event);
  }
}

/**
 * Returns a copy of a parked event that fits into a schedule. If a part that the hub compares had to be
 * removed, the copy is marked as incomplete: the hub never lets it replace the complete event.
 */
function reduced(parked) {
  const copy = JSON.parse(JSON.stringify(parked));
  removeUntilItFits(copy, notCompared);
  if (sizeOf([copy]) > MAX_BYTES) {
    copy.event.incomplete = true;
    removeUntilItFits(copy, compared);
  }
  return copy;
}

function timeOf(parked) {
  return Date.parse(parked.event.data.agent_availability.updated_at) || 0;
}

/** The envelope's timestamp is in seconds or milliseconds, as a number or as text. */
function secondsOf(parked) {
  const time = Number(parked.event.timestamp) || 0;
  return time < 1e11 ? time : time / 1000;
}

/** The hub's order. Freshdesk's times are exact to the second, so ties are common; `at` breaks the rest. */
function oldestFirst(first, second) {
  return (
    timeOf(first) - timeOf(second) || secondsOf(first) - secondsOf(second) || first.at - second.at
  );
}

/**
 * Fits an agent's parked events into one schedule. The oldest are dropped first and the newest is always
 * kept: the current state matters more than earlier ones.
 */
function fit(parked) {
  const kept = parked.slice().sort(oldestFirst);
  const dropped = [];
  while (kept.length > 1 && sizeOf(kept) > MAX_BYTES) {
    dropped.push(kept.shift());
  }
  return { kept: kept.length === 1 ? [reduced(kept[0])] : kept, dropped: dropped };
}

exports.fit = fit;
