// npx tsc && node lookups.js STAGE ACCOUNT AVAILABILITY_ID EMAIL AGENT_ID
import { createAgentLookup, millisecondsSince } from "agent-availability-hub/lookups";

const [stage = "", account = "", availabilityId = "", email = "", agentId = ""] =
  process.argv.slice(2);

// Once for the whole process: the stage's table is looked up once, connections are kept.
const lookup = createAgentLookup({ stage });

const tell = (question: string, answer: unknown) => {
  console.log(JSON.stringify({ question, answer }));
};

// This agent. `undefined` is nobody; consistent costs twice as much.
const agent = await lookup.byAvailabilityId(account, availabilityId, { consistent: true });
tell("by availability id", agent);
if (agent !== undefined) {
  const minutes = Math.floor(millisecondsSince(agent.updatedAt) / 60_000);
  console.error(`${agent.name ?? "nameless"}: ${agent.status?.name ?? "?"}, ${minutes} min ago`);
}

// Everyone with this address, in any case, or with this agent id in Freshchat: newest first.
tell("by e-mail", await lookup.byEmail(account, email));
tell("by agent id", await lookup.byChannelAgentId(account, "freshchat", agentId));

// Up to 100 at once, in the order asked. Who is nobody is named.
tell("several", await lookup.byAvailabilityIds(account, ["404", availabilityId]));

// Who can take a chat now, longest waiting first: the first three, and then everyone.
const next = [];
for await (const { agentId: id } of lookup.availableOn(account, "freshchat", { limit: 3 })) {
  next.push(id);
}
tell("next", next);

const waiting = [];
for await (const { availabilityId: id } of lookup.availableOn(account, "freshchat")) {
  waiting.push(id);
}
tell("available", waiting);

// Only those of whom something was heard in the last five minutes.
const heard = [];
const heardWithinMs = 5 * 60_000;
for await (const row of lookup.availableOn(account, "freshchat", { heardWithinMs })) {
  heard.push(row.availabilityId);
}
tell("heard of", heard);

// A page at a time: the cursor is text for a URL. It is of this question, and of no other.
const page = await lookup.availablePageOn(account, "freshchat", { limit: 2 });
const { cursor } = page;
const pageAfter =
  cursor && (await lookup.availablePageOn(account, "freshchat", { limit: 2, cursor }));
tell("second page", pageAfter && pageAfter.rows.map((row) => row.availabilityId));

// Everybody of the account.
const everybody = [];
for await (const { availabilityId: id } of lookup.all(account)) {
  everybody.push(id);
}
tell("everybody", everybody.length);
