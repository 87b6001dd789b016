const { asciiJson } = require("./ascii");

/** A schedule's data may have 4 KB; a little is left for what the platform may add. */
const MOST_BYTES = 4000;

function sizeOf(parked) {
  return asciiJson({ events: parked }).length;
}

function withoutInChannels(event, attribute) {
  (event.data.agent_availability.channel_availability || []).forEach(function (channel) {
    delete channel[attribute];
  });
}

/** What an event can do without, the dearest last. Its state goes through even without them. */
const dispensable = [
  function (event) {
    delete event.data.changes;
  },
  function (event) {
    withoutInChannels(event, "channel_account_id");
  },
  function (event) {
    delete event.data.actor.name;
    delete event.data.agent_availability.created_at;
    delete event.domain;
  },
  function (event) {
    delete event.data.agent_availability.name;
    delete event.data.associations.status.name;
  },
  function (event) {
    withoutInChannels(event, "agent_id");
  },
];

/** A parked event that fits alone, at the price of what it can best do without. */
function slimmed(parked) {
  const slim = JSON.parse(JSON.stringify(parked));
  for (const dispense of dispensable) {
    if (sizeOf([slim]) <= MOST_BYTES) {
      break;
    }
    dispense(slim.event);
  }
  return slim;
}

function timeOf(parked) {
  return Date.parse(parked.event.data.agent_availability.updated_at) || 0;
}

/** The envelope's timestamp comes in seconds or milliseconds, as a number or as text. */
function secondsOf(parked) {
  const time = Number(parked.event.timestamp) || 0;
  return time < 1e11 ? time : time / 1000;
}

/** The hub's order. Times of one second are common in Freshdesk; `at` is the last resort. */
function oldestFirst(first, second) {
  return (
    timeOf(first) - timeOf(second) || secondsOf(first) - secondsOf(second) || first.at - second.at
  );
}

/**
 * Fits an agent's parked events into one schedule. When they do not fit, the oldest go: what an agent was
 * in between matters less than what it is, and the newest never goes.
 */
function fit(parked) {
  const kept = parked.slice().sort(oldestFirst);
  const dropped = [];
  while (kept.length > 1 && sizeOf(kept) > MOST_BYTES) {
    dropped.push(kept.shift());
  }
  return { kept: kept.length === 1 ? [slimmed(kept[0])] : kept, dropped: dropped };
}

exports.fit = fit;
