const { isAgentEvent } = require("./agent-event");

function removeFromChannels(event, field) {
  (event.data.agent_availability.channel_availability || []).forEach(function (channel) {
    delete channel[field];
  });
}

function removeOrigin(event) {
  delete event.domain;
  delete event.region;
}

/**
 * The parts of an event that can be removed, least important first. The hub does not compare the parts in
 * `notCompared`: without them, the event still equals the complete one. The availability itself is never
 * removed.
 */
const AVAILABILITY_PARTS = {
  notCompared: [
    function (event) {
      delete event.data.changes;
    },
    function (event) {
      delete event.data.agent_availability.created_at;
      removeOrigin(event);
    },
  ],
  compared: [
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
  ],
};

/** The rest of an agent event fits if its texts are not longer than the hub accepts. */
const AGENT_PARTS = { notCompared: [removeOrigin], compared: [] };

function removeUntilItFits(event, removals, fits) {
  for (const remove of removals) {
    if (fits()) {
      return;
    }
    remove(event);
  }
}

/**
 * Returns a copy of a parked event that fits. If a part that the hub compares had to be removed, the copy is
 * marked as incomplete: the hub never lets it replace the complete event.
 */
function reduce(parkedEvent, fits) {
  const copy = JSON.parse(JSON.stringify(parkedEvent));
  const parts = isAgentEvent(copy.event) ? AGENT_PARTS : AVAILABILITY_PARTS;
  function copyFits() {
    return fits(copy);
  }
  removeUntilItFits(copy.event, parts.notCompared, copyFits);
  if (parts.compared.length > 0 && !copyFits()) {
    copy.event.incomplete = true;
    removeUntilItFits(copy.event, parts.compared, copyFits);
  }
  return copy;
}

exports.reduce = reduce;
