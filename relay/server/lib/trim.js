const { envelopeOf } = require("./envelope");
const { pick } = require("./pick");

/**
 * The fields that the hub reads, in a fixed order, so that the same event always has the same text.
 * A field that the hub reads and that is missing here is lost whenever an event is parked.
 */
const AGENT_FIELDS = [
  "account_id",
  "id",
  "name",
  "Email",
  "email",
  "logged_in",
  "status_id",
  "status_updated_at",
  "created_at",
  "updated_at",
];
const CHANNEL_FIELDS = ["channel", "available", "channel_account_id", "agent_id"];

function agentOf(agent) {
  const picked = pick(agent, AGENT_FIELDS);
  // A missing list is not the same as an empty one: the hub rejects the former and stores the latter.
  if (agent && Array.isArray(agent.channel_availability)) {
    picked.channel_availability = agent.channel_availability.map(function (channel) {
      return pick(channel, CHANNEL_FIELDS);
    });
  }
  return picked;
}

/** The hub reads only whether the agent was available on each channel before and after the change. */
function changesOf(changes) {
  const model = (changes && changes.model_changes) || {};
  const picked = pick(model, ["status_id", "status_updated_at"]);
  if (Array.isArray(model.channel_availability)) {
    picked.channel_availability = model.channel_availability.map(function (channels) {
      return (Array.isArray(channels) ? channels : []).map(function (channel) {
        return pick(channel, ["channel", "available"]);
      });
    });
  }
  return { model_changes: picked };
}

/** Returns the parts of a payload of `onAgentAvailabilityUpdate` that the hub reads. */
function trim(payload) {
  const data = payload.data || {};
  return Object.assign(envelopeOf(payload), {
    data: {
      actor: pick(data.actor, ["id", "name", "type"]),
      agent_availability: agentOf(data.agent_availability),
      associations: { status: pick((data.associations || {}).status, ["id", "name"]) },
      changes: changesOf(data.changes),
    },
  });
}

exports.trim = trim;
