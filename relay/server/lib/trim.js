/**
 * What the hub reads of an event, and nothing else. The order of the fields is fixed, so that the same
 * event gives the same text, whatever became of it on its way.
 */
function pick(source, names) {
  const picked = {};
  names.forEach(function (name) {
    if (source && source[name] !== undefined && source[name] !== null && source[name] !== "") {
      picked[name] = source[name];
    }
  });
  return picked;
}

function listOf(value) {
  return Array.isArray(value) ? value : [];
}

const AGENT = [
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
const CHANNEL = ["channel", "available", "channel_account_id", "agent_id"];

function agentOf(agent) {
  const picked = pick(agent, AGENT);
  // No list is not the same as an empty one: the hub refuses the former, and takes the latter for a fact.
  if (agent && Array.isArray(agent.channel_availability)) {
    picked.channel_availability = agent.channel_availability.map(function (channel) {
      return pick(channel, CHANNEL);
    });
  }
  return picked;
}

/** Of the channels, before and after, only whether the agent was available in each. */
function changesOf(changes) {
  const model = (changes && changes.model_changes) || {};
  const picked = pick(model, ["status_id", "status_updated_at"]);
  if (Array.isArray(model.channel_availability)) {
    picked.channel_availability = model.channel_availability.map(function (channels) {
      return listOf(channels).map(function (channel) {
        return pick(channel, ["channel", "available"]);
      });
    });
  }
  return { model_changes: picked };
}

function domainOf(payload) {
  const host = payload.currentHost;
  return (host && host.endpoint_urls && host.endpoint_urls.freshdesk) || payload.domain;
}

function trim(payload) {
  const data = payload.data || {};
  const envelope = pick(payload, ["event", "region", "timestamp"]);
  const domain = domainOf(payload);
  if (domain) {
    envelope.domain = domain;
  }
  envelope.data = {
    actor: pick(data.actor, ["id", "name", "type"]),
    agent_availability: agentOf(data.agent_availability),
    associations: { status: pick((data.associations || {}).status, ["id", "name"]) },
    changes: changesOf(data.changes),
  };
  return envelope;
}

exports.trim = trim;
