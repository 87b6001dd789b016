/**
 * `onAgentUpdate` and `onAgentDelete`. Their payloads have about 4 KB and contain much personal data, such as
 * IP addresses and phone numbers, so only the fields that the hub reads leave the platform.
 */
const { envelopeOf } = require("./envelope");
const { pick } = require("./pick");

const AGENT_FIELDS = ["account_id", "user_id", "name", "email", "available"];

/** The fields of an agent that the hub stores. Every payload has them; `changes` lists those that changed. */
const STORED_FIELDS = ["logged_in", "available", "email", "name"];

/** Returns whether an update changes something that the hub stores. Most updates are edits of a profile. */
function hasStoredChange(payload) {
  const groups = Object.values((payload.data && payload.data.changes) || {});
  return groups.some(function (group) {
    return Object.keys(pick(group, STORED_FIELDS)).length > 0;
  });
}

/** The changes contain earlier names and addresses. The hub reads only these two fields. */
function changesOf(changes) {
  const groups = changes || {};
  return {
    model_changes: pick(groups.model_changes, ["available"]),
    misc_changes: pick(groups.misc_changes, ["logged_in"]),
  };
}

/** Returns the parts of a payload that the hub reads, in a fixed order. */
function trimAgentEvent(payload) {
  const data = payload.data || {};
  return Object.assign(envelopeOf(payload), {
    data: { agent: pick(data.agent, AGENT_FIELDS), changes: changesOf(data.changes) },
  });
}

/** Returns whether a trimmed or parked event is an agent event. */
function isAgentEvent(event) {
  return event.data.agent !== undefined;
}

/** Returns the facts that an agent event contains. They decide which earlier events it replaces. */
function factsOf(event) {
  if (event.event === "onAgentDelete") {
    return ["profile", "login", "deletion"];
  }
  const isLogin = event.data.changes.misc_changes.logged_in !== undefined;
  return isLogin ? ["profile", "login"] : ["profile"];
}

exports.factsOf = factsOf;
exports.isAgentEvent = isAgentEvent;
exports.hasStoredChange = hasStoredChange;
exports.trimAgentEvent = trimAgentEvent;
