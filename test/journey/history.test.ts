import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import { createAgentHistory } from "../../client/history/agent-history.ts";
import { clientConfig } from "../../local/emulator/cloud.ts";
import type { RunningCloud } from "../../local/emulator/start-cloud.ts";
import { acme } from "../../local/sample-accounts.ts";
import { aPayload } from "../../tools/fakes/payload.ts";
import { eventually } from "../builders/eventually.ts";
import { startTestCloud } from "../builders/start-test-cloud.ts";
import { createOperator } from "./operator.ts";
import { post } from "./signed-post.ts";

const ACCOUNT = acme.accountId;
const RACHEL = "rachel";
const MINUTE = 60_000;
const folder = mkdtempSync(join(tmpdir(), "history-"));

let running: RunningCloud;
/** To the second, like Freshdesk's times. */
let start: number;

beforeAll(async () => {
  start = Math.floor(Date.now() / 1000) * 1000 - 30 * MINUTE;
  running = await startTestCloud(join(folder, "log"), ["AgentAvailabilityHistory"]);
});

afterAll(async () => {
  await running.stop();
  rmSync(folder, { recursive: true, force: true });
});

const timeAt = (minutes: number) => new Date(start + minutes * MINUTE).toISOString();

/** Rachel's availability for chat, as Freshdesk reports it a few minutes after the start. */
const rachelAt = (minutes: number, available: boolean) =>
  aPayload({
    agent: {
      id: RACHEL,
      Email: "rachel@acme.com",
      status_updated_at: timeAt(0),
      updated_at: timeAt(minutes),
      channel_availability: [{ channel: "freshchat", available, agent_id: "3282" }],
    },
  });

async function readParameter(name: string): Promise<string> {
  const ssm = new SSMClient(clientConfig(running.cloud));
  const { Parameter: parameter } = await ssm.send(new GetParameterCommand({ Name: name }));
  return parameter?.Value ?? "";
}

/** Returns the times of the stored changes, oldest first: all are Rachel's, and sorted by time. */
async function storedChanges(): Promise<(string | undefined)[]> {
  const client = new DynamoDBClient(clientConfig(running.cloud));
  const tableName = await readParameter(
    `/agent-availability/${running.cloud.stage}/history-table-name`,
  );
  const times: (string | undefined)[] = [];
  for await (const { Items: items = [] } of paginateScan({ client }, { TableName: tableName })) {
    times.push(...items.map(({ change }) => change?.S?.split("#")[0]));
  }
  return times;
}

describe("the history of an agent", () => {
  it("contains each change, and the time on each channel", async () => {
    await post(running.cloud, [rachelAt(0, true)]);
    await post(running.cloud, [rachelAt(10, false)]);
    await post(running.cloud, [rachelAt(15, true)]);
    await eventually(
      "three changes in the history",
      async () => (await storedChanges()).length === 3,
    );
    const agents = createAgentHistory({
      stage: running.cloud.stage,
      client: new DynamoDBClient(clientConfig(running.cloud)),
      readParameter,
    });
    const period = { from: timeAt(-5), to: timeAt(20) };

    const intervals = await agents.history(ACCOUNT, RACHEL, period);
    const days = await agents.timeIn(ACCOUNT, RACHEL, { ...period, timeZone: "Europe/Berlin" });

    expect(await storedChanges()).toEqual([timeAt(0), timeAt(10), timeAt(15)]);
    expect(intervals).toMatchObject([
      { from: timeAt(-5), to: timeAt(0), unknown: true },
      { from: timeAt(0), to: timeAt(10), channels: { freshchat: true }, unknown: false },
      { from: timeAt(10), to: timeAt(15), channels: { freshchat: false }, unknown: false },
      { from: timeAt(15), to: timeAt(20), channels: { freshchat: true }, unknown: false },
    ]);
    // There are two days if the period includes midnight in Berlin.
    const total = (times: readonly number[]) => times.reduce((sum, time) => sum + time, 0);
    expect(total(days.map(({ channels }) => channels["freshchat"] ?? 0))).toBe(15 * MINUTE);
    expect(total(days.map(({ unknown }) => unknown))).toBe(5 * MINUTE);
  });

  it("is printed by commands, which also report what they read", async () => {
    const operate = createOperator(running.cloud);
    const day = timeAt(0).slice(0, 10);
    const period = ["--from", timeAt(0), "--to", timeAt(15)];

    const timeline = await operate("agent", "history", ACCOUNT, "rachel@acme.com", ...period);
    const report = await operate("report", ACCOUNT, "--day", day, "--time-zone", "UTC", "--csv");

    expect(timeline).toMatchObject({ code: 0, err: "" });
    expect(timeline.out).toMatch(/ 0:10:00 .* freshchat$/m);
    expect(timeline.out).toMatch(/ 0:05:00 .* none$/m);
    expect(report).toMatchObject({ code: 0 });
    expect(report.out).toMatch(
      new RegExp(
        `^${day},UTC,rachel,,[^,]*,rachel@acme.com,channel open,freshchat,0\\.\\d+\r$`,
        "m",
      ),
    );
    expect(report.err).toMatch(/^Reported \d+ agents?\. Read \d+ items .* and \d+ changes/);
  });

  it("is deleted if the agent is forgotten", async () => {
    const operate = createOperator(running.cloud);

    const forgotten = await operate("agent", "forget", ACCOUNT, RACHEL, "--yes");

    expect(forgotten).toMatchObject({ code: 0 });
    await eventually("an empty history", async () => (await storedChanges()).length === 0);
  });
});
