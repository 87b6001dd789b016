const { factsOf, isAgentEvent } = require("./agent-event");
const { asciiJson } = require("./ascii");
const { reduce } = require("./reduce");

/** A schedule's data may have 4 KB. The difference is left for data that the platform may add. */
const MAX_BYTES = 4000;

function fits(parkedEvents) {
  return asciiJson({ events: parkedEvents }).length <= MAX_BYTES;
}

/** Freshdesk's time of an availability event. An agent event has none that is comparable. */
function timeOf(parkedEvent) {
  const agent = parkedEvent.event.data.agent_availability;
  return (agent && Date.parse(agent.updated_at)) || 0;
}

/** The envelope's timestamp is in seconds or milliseconds, as a number or as text. */
function secondsOf(parkedEvent) {
  const time = Number(parkedEvent.event.timestamp) || 0;
  return time < 1e11 ? time : time / 1000;
}

/** The hub's order. Freshdesk's times are exact to the second, so ties are common; `at` breaks the remaining ones. */
function oldestFirst(first, second) {
  return (
    timeOf(first) - timeOf(second) || secondsOf(first) - secondsOf(second) || first.at - second.at
  );
}

/** Returns whether a later event contains all facts of an earlier one. */
function isReplacedBy(earlier, later) {
  if (!isAgentEvent(earlier.event)) {
    return true;
  }
  const laterFacts = factsOf(later.event);
  return factsOf(earlier.event).every(function (fact) {
    return laterFacts.includes(fact);
  });
}

/** Returns the index of the oldest event that a later one replaces, or 0 without such an event. */
function findExpendable(kept) {
  const index = kept.findIndex(function (each, at) {
    return kept.slice(at + 1).some(function (later) {
      return isReplacedBy(each, later);
    });
  });
  return Math.max(index, 0);
}

/**
 * Fits an agent's parked events into one schedule. The oldest are dropped first, and the newest state is
 * always kept: it matters more than earlier ones.
 */
function fit(parkedEvents) {
  const kept = parkedEvents.slice().sort(oldestFirst);
  const dropped = [];
  while (kept.length > 1 && !fits(kept)) {
    dropped.push(kept.splice(findExpendable(kept), 1)[0]);
  }
  if (kept.length > 1) {
    return { kept: kept, dropped: dropped };
  }
  const reduced = reduce(kept[0], function (copy) {
    return fits([copy]);
  });
  return { kept: [reduced], dropped: dropped };
}

exports.fit = fit;
