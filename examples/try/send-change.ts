// Sends a signed change of an agent's channel to the hub, as the relay does. Arguments: CHANNEL AGENT open|close
import { createHmac, randomUUID } from "node:crypto";

const [channel, id = "", change = ""] = process.argv.slice(2);
if (id === "" || (change !== "open" && change !== "close")) {
  console.error("The arguments must be an agent's ID and open or close: npm run agent -- 1 close");
  process.exit(1);
}
const { INGEST_URL = "", ACCOUNT_ID = "", SIGNING_KEY = "" } = process.env;

const now = new Date();
const body = JSON.stringify({
  data: {
    actor: { id, name: `Agent ${id}`, type: "agent" },
    agent_availability: {
      id,
      account_id: ACCOUNT_ID,
      name: `Agent ${id}`,
      email: `agent${id}@example.com`,
      logged_in: true,
      status_id: change === "open" ? 1 : 232,
      updated_at: now.toISOString(),
      channel_availability: [{ channel, available: change === "open", agent_id: id }],
    },
    associations: {
      status: {
        id: change === "open" ? 1 : 232,
        name: change === "open" ? "Available" : "On break",
      },
    },
    changes: { model_changes: {} },
  },
  event: "onAgentAvailabilityUpdate",
  timestamp: now.getTime() / 1000,
  account_id: ACCOUNT_ID,
});
const delivery = randomUUID();
const timestamp = String(Math.floor(now.getTime() / 1000));
const key = Buffer.from(SIGNING_KEY.slice("whsec_".length), "base64");
const mac = createHmac("sha256", key).update(`${delivery}.${timestamp}.${body}`).digest("base64");

const response = await fetch(`${INGEST_URL}/v1/accounts/${ACCOUNT_ID}/availability-events`, {
  method: "POST",
  headers: {
    "content-type": "application/json",
    "webhook-id": delivery,
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${mac}`,
  },
  body,
});
console.log(response.status, await response.text());
process.exitCode = response.ok ? 0 : 1;
