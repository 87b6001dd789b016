// npx tsc && node lookups.js STAGE ACCOUNT AVAILABILITY_ID EMAIL AGENT_ID USER_ID
import { createAgentLookup, millisecondsSince } from "agent-availability-hub/lookups";

const [stage = "", account = "", availabilityId = "", email = "", agentId = "", userId = ""] =
  process.argv.slice(2);

// Create the lookup once per process: it finds the stage's table once and keeps connections open.
const lookup = createAgentLookup({ stage });

const print = (name: string, result: unknown) => {
  console.log(JSON.stringify({ lookup: name, result }));
};

// Is the responder of this ticket available? The user ID is the ticket's `responder_id`, as a string.
const responder = await lookup.byUserId(account, userId);
print("by user ID", responder);
console.error(`available for tickets: ${responder?.channels["freshdesk"]?.available ?? "unknown"}`);

// One agent as stored, or `undefined`. A consistent read costs twice as much.
const agent = await lookup.byAvailabilityId(account, availabilityId, { consistent: true });
print("by availability ID", agent);
if (agent !== undefined) {
  const minutes = Math.floor(millisecondsSince(agent.updatedAt) / 60_000);
  console.error(`${agent.name ?? "no name"}: ${agent.status?.name ?? "?"}, ${minutes} min ago`);
}

// Agents with this email address, in any case, joined; or with this agent ID in Freshchat, as stored.
print("by email", await lookup.byEmail(account, email));
print("by agent ID", await lookup.byChannelAgentId(account, "freshchat", agentId));

// Up to 100 agents, in the given order. IDs that are not found are listed as missing.
print("several", await lookup.byAvailabilityIds(account, ["404", availabilityId]));

// The first three agents who are available for chat, longest available first, and then all of them.
const next = [];
for await (const { agentId: id } of lookup.availableOn(account, "freshchat", { limit: 3 })) {
  next.push(id);
}
print("next", next);

const available = [];
for await (const { availabilityId: id } of lookup.availableOn(account, "freshchat")) {
  available.push(id);
}
print("available", available);

// Only agents with an event within the last five minutes.
const recent = [];
const heardWithinMs = 5 * 60_000;
for await (const row of lookup.availableOn(account, "freshchat", { heardWithinMs })) {
  recent.push(row.availabilityId);
}
print("recent", recent);

// One page at a time. The cursor is text that fits into a URL, and is valid for the same lookup only.
const page = await lookup.availablePageOn(account, "freshchat", { limit: 2 });
const { cursor } = page;
const pageAfter =
  cursor && (await lookup.availablePageOn(account, "freshchat", { limit: 2, cursor }));
print("second page", pageAfter && pageAfter.rows.map((row) => row.availabilityId));

// All agents of the account.
let count = 0;
for await (const _ of lookup.all(account)) {
  count += 1;
}
print("all", count);
