// Responds to every GetItem as DynamoDB does. Runs in a process of its own, so that its work is not measured.
// Sends its port to the parent process and ends with it.
import { createServer } from "node:http";

const text = (S: string) => ({ S });
const channel = (agentId: string) => ({
  M: {
    available: { BOOL: true },
    agentId: text(agentId),
    channelAccountId: text("291863432-sc"),
  },
});

const item = {
  accountId: text("11010177632"),
  availabilityId: text("787096"),
  epoch: { N: "1795486584641" },
  version: { N: "7" },
  updatedAt: text("2026-11-22T09:00:00.000Z"),
  eventTimestamp: { N: "1795338000306384" },
  contentHash: text("2jmj7l5rSw0yVb_vlWAYkA"),
  name: text("Rachel Green"),
  email: text("rachel@acme.com"),
  loggedIn: { BOOL: true },
  status: {
    M: { id: text("232"), name: text("On break"), since: text("2026-11-22T08:50:00.000Z") },
  },
  channels: {
    M: {
      freshdesk: channel("32938"),
      freshchat: channel("3282"),
      freshcaller: channel("432"),
    },
  },
  freshdeskAgentId: text("32938"),
  freshchatAgentId: text("3282"),
  freshcallerAgentId: text("432"),
  freshdeskAvailableSince: text("2026-11-22T08:55:00.000Z"),
  freshchatAvailableSince: text("2026-11-22T08:55:00.000Z"),
  freshcallerAvailableSince: text("2026-11-22T08:55:00.000Z"),
  actor: { M: { type: text("agent"), id: text("11032938000") } },
  domain: text("acme.freshdesk.com"),
  region: text("US"),
  receivedAt: text("2026-11-22T09:00:01.000Z"),
  webhookId: text("5fd924625f6ab16a19cc9807c7c506ae"),
  origin: text("relay"),
};
const body = JSON.stringify({ Item: item });

const server = createServer((request, response) => {
  request.resume().on("end", () => {
    response.setHeader("content-type", "application/x-amz-json-1.0");
    response.end(body);
  });
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.(typeof address === "object" ? address?.port : undefined);
});
process.on("disconnect", () => {
  process.exit(0);
});
