import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import type { RunningCloud } from "../../local/emulator/start-cloud.ts";
import { type Listener, listen, type ReceivedEvent } from "../../local/sample-day/listener.ts";
import { acme } from "../../local/sample-accounts.ts";
import { aPayload } from "../../tools/fakes/payload.ts";
import { eventually } from "../builders/eventually.ts";
import { startTestCloud } from "../builders/start-test-cloud.ts";
import { post } from "./signed-post.ts";

const ACCOUNT = acme.accountId;
const folder = mkdtempSync(join(tmpdir(), "overruns-"));

let running: RunningCloud;
let listener: Listener;

beforeAll(async () => {
  running = await startTestCloud(join(folder, "log"), ["AgentAvailabilitySupervision"]);
  listener = await listen(running.cloud, "everything");
});

afterAll(async () => {
  await running.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The time a number of seconds ago, to the second like Freshdesk's times. */
const secondsAgo = (seconds: number) =>
  `${new Date(Date.now() - seconds * 1000).toISOString().slice(0, 19)}.000Z`;

/** Sends a change of an agent who entered a status at the given time. */
async function enter(id: string, status: { id: number; name: string }, since: string) {
  const agent = {
    id,
    Email: `${id}@acme.com`,
    status_id: status.id,
    status_updated_at: since,
    updated_at: since,
  };
  const payload = aPayload({ agent });
  await post(running.cloud, [{ ...payload, data: { ...payload.data, associations: { status } } }]);
}

const lunch = { id: 233, name: "Lunch" };
const available = { id: 1, name: "Available" };

const overruns: ReceivedEvent[] = [];

/** Receives overruns until there are enough. */
async function receiveOverruns(count: number): Promise<ReceivedEvent["detail"][]> {
  return await eventually(
    () => `${count} overruns after ${JSON.stringify(overruns)}`,
    async () => {
      const events = await listener.receive();
      overruns.push(...events.filter((event) => event["detail-type"] === "Agent Status Overrun"));
      return overruns.length >= count && overruns.map(({ detail }) => detail);
    },
  );
}

// The stage `local` limits lunch to one minute.
describe("an agent who stays in a status longer than its limit", () => {
  it("overruns at once if the limit has passed, and otherwise when the schedule fires", async () => {
    const [long, short] = [secondsAgo(600), secondsAgo(50)];

    await enter("in-time", lunch, secondsAgo(20));
    await enter("in-time", available, secondsAgo(1));
    await enter("waiting", lunch, short);
    await enter("overdue", lunch, long);
    const details = await receiveOverruns(2);

    expect(details).toMatchObject([
      {
        metadata: { id: `${ACCOUNT}/overdue/233/${long}/AgentStatusOverrun/1` },
        status: { ...lunch, id: "233", since: long },
        limitMinutes: 1,
      },
      { metadata: { id: `${ACCOUNT}/waiting/233/${short}/AgentStatusOverrun/1` } },
    ]);
  });

  it("does not overrun if the agent has left the status in time", async () => {
    // Its schedule would fire after that of the agent who came back.
    const since = secondsAgo(0);
    await enter("later", lunch, since);
    const details = await receiveOverruns(3);

    expect(details.map(({ agent }) => agent)).toMatchObject([
      { availabilityId: "overdue" },
      { availabilityId: "waiting" },
      { availabilityId: "later" },
    ]);
  });
});
