import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import type { RunningCloud } from "../../local/emulator/start-cloud.ts";
import { type Listener, listen, type ReceivedEvent } from "../../local/sample-day/listener.ts";
import { anExample } from "../builders/copied-example.ts";
import { eventually } from "../builders/eventually.ts";
import { startTestCloud } from "../builders/start-test-cloud.ts";

const example = anExample("phone-coverage");
const folder = mkdtempSync(join(tmpdir(), "phone-coverage-log-"));

let running: RunningCloud;
let listener: Listener;

beforeAll(async () => {
  running = await startTestCloud(join(folder, "log"), ["AgentAvailabilitySupervision"]);
  listener = await listen(running.cloud, "everything");
  await example.copy(running.cloud);
});

afterAll(async () => {
  await running.stop();
  example.remove();
  rmSync(folder, { recursive: true, force: true });
});

const coverage: ReceivedEvent[] = [];

/** Receives events of coverage until there are enough. */
async function receiveCoverage(count: number): Promise<ReceivedEvent["detail"][]> {
  return await eventually(
    () => `${count} changes of coverage after ${JSON.stringify(coverage)}`,
    async () => {
      const events = await listener.receive();
      coverage.push(
        ...events.filter((event) => event["detail-type"] === "Channel Coverage Changed"),
      );
      return coverage.length >= count && coverage.map(({ detail }) => detail);
    },
  );
}

/** The messages that the topic's subscriber printed. */
const messagesIn = (output: string) =>
  output
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as { readonly covered: boolean });

describe("the coverage of a channel, and the example that notifies a topic", () => {
  const [[, , , , , , install = ""] = [], [deploy = "", topic = "", ...changes] = [], ...others] =
    example.blocks;
  const [open = "", close = "", read = ""] = changes;

  it("publishes that nobody is available, and later that someone is available", async () => {
    expect(others).toEqual([]);
    for (const line of [install, deploy, topic, open]) {
      await example.type(line);
    }
    // The first event arrives before the agent closes the channel.
    await receiveCoverage(1);
    await example.type(close);
    await receiveCoverage(2);
    await example.type(open);
    const details = await receiveCoverage(3);

    expect(details).toMatchObject([
      { metadata: { version: 1 }, channel: "freshcaller", covered: true, available: 1 },
      { metadata: { version: 2 }, covered: false, available: 0, previous: { covered: true } },
      { metadata: { version: 3 }, covered: true, available: 1, previous: { covered: false } },
    ]);
    expect(details[0]).not.toHaveProperty("previous");
  });

  it("notifies the topic of both changes", async () => {
    expect(read).toBe("npm run topic -- 90");
    const messages: { readonly covered: boolean }[] = [];
    await eventually("two messages of the topic", async () => {
      messages.push(...messagesIn(await example.type("npm run topic -- 5")));
      return messages.length >= 2;
    });

    expect(messages.toSorted((one, other) => Number(one.covered) - Number(other.covered))).toEqual([
      {
        text: expect.stringMatching(
          /^Too few agents are available for phone calls in account 11010177632: 0 of 1, since \S+Z$/,
        ),
        accountId: "11010177632",
        covered: false,
        available: 0,
        minimum: 1,
        since: expect.stringMatching(/Z$/),
      },
      {
        text: expect.stringMatching(
          /^Enough agents are available for phone calls again in account 11010177632, since \S+Z$/,
        ),
        accountId: "11010177632",
        covered: true,
        available: 1,
        minimum: 1,
        since: expect.stringMatching(/Z$/),
      },
    ]);
  });
});
