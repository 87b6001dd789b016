import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  FilterLogEventsCommand,
  PutLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";

import { createAuditLog } from "../../../commands/shared/audit-log.ts";
import { createForgottenCheck } from "../../../commands/shared/forgotten-agents.ts";

const [logs, sts] = [mockClient(CloudWatchLogsClient), mockClient(STSClient)];

const aLog = () =>
  createAuditLog(
    { logs: new CloudWatchLogsClient(), sts: new STSClient() },
    { logGroupName: "operators", stage: "blue" },
  );

beforeEach(() => {
  logs.reset();
  sts.reset();
  sts.on(GetCallerIdentityCommand).resolves({ Arn: "arn:aws:iam::123456789012:user/ada" });
  logs.on(CreateLogStreamCommand).resolves({});
});

/** An entry of a laptop whose clock is ten minutes slow, received by CloudWatch Logs at the given time. */
function aLine(id: string, outcome: string, ingestedAt: string) {
  const ingestionTime = Date.parse(ingestedAt);
  const at = new Date(ingestionTime - 600_000).toISOString();
  const key = { accountId: "1", availabilityId: "2" };
  return {
    timestamp: Date.parse(at),
    ingestionTime,
    message: JSON.stringify({ id, at, action: "agent forget", outcome, ...key }),
  };
}

describe("an audit entry", () => {
  it("uses CloudWatch Logs' time, so that an operator with a slow clock does not restore forgotten agents", async () => {
    logs.on(FilterLogEventsCommand).resolves({
      events: [
        aLine("d", "started", "2026-11-24T09:00:00.000Z"),
        aLine("d", "done", "2026-11-24T09:00:01.000Z"),
      ],
    });

    const lines = await aLog().read("agent forget");
    const isForgotten = createForgottenCheck(lines);

    expect(lines.map(({ at, recordedAt }) => [at, recordedAt])).toEqual([
      ["2026-11-24T08:50:00.000Z", "2026-11-24T09:00:00.000Z"],
      ["2026-11-24T08:50:01.000Z", "2026-11-24T09:00:01.000Z"],
    ]);
    const agent = { accountId: "1", availabilityId: "2" };
    expect(isForgotten({ ...agent, receivedAt: "2026-11-24T08:59:00.000Z" })).toBe(true);
    expect(isForgotten({ ...agent, receivedAt: "2026-11-24T09:00:02.000Z" })).toBe(false);
  });

  it("is ordered by CloudWatch Logs' time", async () => {
    const [early, late] = [
      aLine("a", "started", "2026-11-24T09:00:00.000Z"),
      aLine("b", "started", "2026-11-24T09:05:00.000Z"),
    ];
    logs.on(FilterLogEventsCommand).resolves({ events: [late, early] });

    expect((await aLog().read("agent forget")).map(({ id }) => id)).toEqual(["a", "b"]);
  });

  it("prevents the action if it is rejected because of the operator's clock", async () => {
    logs
      .on(PutLogEventsCommand)
      .resolves({ rejectedLogEventsInfo: { tooNewLogEventStartIndex: 0 } });
    let runs = 0;

    const kept = aLog().record(
      { action: "agent forget", accountId: "1", availabilityId: "2" },
      () => Promise.resolve((runs += 1)),
      () => undefined,
    );

    await expect(kept).rejects.toThrow(
      /^CloudWatch Logs rejected the audit entry of \S+Z \(tooNewLogEventStartIndex\)\. Set this computer's clock\.$/,
    );
    expect(runs).toBe(0);
  });
});
