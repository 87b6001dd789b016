import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { type AwsClientStub, mockClient } from "aws-sdk-client-mock";

import { type Responses, runCommand, withServices } from "./run-command.ts";

const ACCOUNT = "11010177632";
const FUNCTION = "reconcile-blue";

/** The function's response if nothing differs. */
const noDifferences = {
  outcome: "swept",
  isComplete: true,
  checked: 2000,
  recent: 0,
  differences: [],
  omitted: 0,
};

const status = {
  action: "repair",
  availabilityId: "787096",
  userId: "72025350026",
  field: "status",
  stored: "Available (1302477)",
  freshdesk: "Lunch (1302478)",
};

let lambda: AwsClientStub<LambdaClient>;

beforeEach(() => {
  lambda = mockClient(LambdaClient);
});

afterEach(() => {
  lambda.restore();
});

/**
 * Runs `reconcile` in stage `blue`, whose function returns a result, or fails without one. Also returns the
 * actions in the audit log.
 */
async function reconcile(result: object | undefined, ...options: readonly string[]) {
  const actions: string[] = [];
  const responses: Responses = {
    GetParametersByPath: () => ({
      Parameters: [
        { Name: "/agent-availability/blue/audit-log-name", Value: "operators" },
        { Name: "/agent-availability/blue/reconcile-function-name", Value: FUNCTION },
      ],
    }),
    CreateLogStream: () => ({}),
    PutLogEvents: (input) => {
      const { logEvents } = input as { logEvents: { message: string }[] };
      for (const { message } of logEvents) {
        const { action, outcome } = JSON.parse(message) as Record<"action" | "outcome", string>;
        actions.push(`${action} ${outcome}`);
      }
      return {};
    },
  };
  lambda
    .on(InvokeCommand)
    .resolves(
      result === undefined
        ? { FunctionError: "Unhandled" }
        : { Payload: Buffer.from(JSON.stringify(result)) as never },
    );
  const printed = await withServices(
    responses,
    async (endpoint) =>
      await runCommand(["reconcile", ACCOUNT, "--stage", "blue", ...options], endpoint),
  );
  return { ...printed, actions };
}

const requests = () =>
  lambda.commandCalls(InvokeCommand).map(({ args: [{ input }] }) => ({
    name: input.FunctionName,
    payload: JSON.parse(input.Payload as unknown as string) as unknown,
  }));

describe("npx agent-availability reconcile", () => {
  it("runs a sweep, and prints each difference and what was written", async () => {
    const removal = { action: "remove", availabilityId: "787099" };

    const { out, err, code, actions } = await reconcile({
      ...noDifferences,
      recent: 1,
      differences: [status, removal],
      written: { repaired: 1, removed: 1, created: 0 },
    });

    expect({ err, code }).toEqual({
      err: `Comparing account ${ACCOUNT} (stage blue) with Freshdesk.\n`,
      code: 0,
    });
    expect(out).toBe(`Compared 2,000 agents: 2 differences.
ACTION  AGENT   USER ID      FIELD   STORED               FRESHDESK
repair  787096  72025350026  status  Available (1302477)  Lunch (1302478)
remove  787099  -            -       -                    -
1 agent changed within the last minute and will be compared by the next sweep.
Items written: 1 repaired, 1 removed as deleted.
`);
    expect(requests()).toEqual([
      { name: FUNCTION, payload: { kind: "sweep now", accountId: ACCOUNT, isDryRun: false } },
    ]);
    expect(actions).toEqual(["reconcile started", "reconcile done"]);
  });

  it("writes nothing in a dry run, which the audit log does not record", async () => {
    const { out, actions } = await reconcile(
      { ...noDifferences, differences: [status] },
      "--dry-run",
    );

    expect(out).toContain("Compared 2,000 agents: 1 difference.\n");
    expect(out).toContain("Dry run: nothing was written.\n");
    expect(requests()).toMatchObject([{ payload: { isDryRun: true } }]);
    expect(actions).toEqual([]);
  });

  it.each([
    ["repaired", "1,500 repaired"],
    ["confirmed", "1,500 confirmed"],
    ["created", "1,500 created"],
    ["updated", "1,500 updated"],
    ["session", "1,500 sessions"],
    ["merged", "1,500 removed as merged"],
    ["forgotten", "1,500 removed as forgotten"],
    ["removed", "1,500 removed as deleted"],
  ])("prints the number of items that it wrote as %s: %s", async (kind, count) => {
    const { out } = await reconcile({ ...noDifferences, written: { [kind]: 1500 } });

    expect(out).toBe(`Compared 2,000 agents: 0 differences.\nItems written: ${count}.\n`);
  });

  it.each([
    [1, "1 item changed during the sweep and was not written. The next sweep compares it."],
    [2, "2 items changed during the sweep and were not written. The next sweep compares them."],
  ])(
    "does not count %d items as written that changed during the sweep",
    async (overtaken, text) => {
      const { out } = await reconcile({ ...noDifferences, written: { session: 1, overtaken } });
      const none = await reconcile({ ...noDifferences, written: { session: 0, overtaken } });

      expect(out).toBe(
        `Compared 2,000 agents: 0 differences.\nItems written: 1 session.\n${text}\n`,
      );
      expect(none.out).toBe(
        `Compared 2,000 agents: 0 differences.\nNothing was written.\n${text}\n`,
      );
    },
  );

  it("prints no table if nothing differs", async () => {
    const { out } = await reconcile({ ...noDifferences, written: { repaired: 0 } });

    expect(out).toBe("Compared 2,000 agents: 0 differences.\nNothing was written.\n");
  });

  it("prints how many differences are not shown, and that agents are missing", async () => {
    const { out } = await reconcile(
      { ...noDifferences, isComplete: false, omitted: 3 },
      "--dry-run",
    );

    expect(out).toContain("Compared 2,000 agents: 3 differences.\n");
    expect(out).toContain("3 more differences are not shown.\n");
    expect(out).toContain(
      "Freshdesk lists more than 50,000 agents, which is the most that reconcile reads.",
    );
  });

  it("prints that the sweep continues if the function runs out of time", async () => {
    const unfinished = { outcome: "unfinished", pagesRead: 120 };
    const real = await reconcile(unfinished);
    const dryRun = await reconcile(unfinished, "--dry-run");

    expect(real.code).toBe(0);
    expect(real.out)
      .toBe(`Freshdesk's rate limit prevented reconcile from reading all agents in time. Read so far: 120 pages (100 agents per page).
The sweep continues in the background. Its result will be in the reconcile log.
`);
    expect(dryRun.out).toContain(
      "Dry run: nothing was written. To continue, run the command again.",
    );
  });

  it("prints the result as JSON", async () => {
    const { out } = await reconcile(
      { ...noDifferences, differences: [status] },
      "--dry-run",
      "--json",
    );

    expect(JSON.parse(out)).toEqual({
      stage: "blue",
      accountId: ACCOUNT,
      ...noDifferences,
      differences: [status],
    });
  });

  it.each([
    [
      { outcome: "running" },
      `another sweep of account ${ACCOUNT} is running (stage blue). Try again in a few minutes.`,
    ],
    [
      { outcome: "not connected" },
      `account ${ACCOUNT} is not connected (stage blue). To connect it: npx agent-availability account connect ${ACCOUNT} --domain YOUR_DOMAIN.freshdesk.com --stage blue`,
    ],
    [
      { outcome: "failed", error: "acme.freshdesk.com is unavailable. Retry later." },
      `comparing account ${ACCOUNT} with Freshdesk failed: acme.freshdesk.com is unavailable. Retry later.`,
    ],
  ])("fails with one line if the outcome is %j", async (result, message) => {
    const { out, err, code } = await reconcile(result);

    expect({ out, code }).toEqual({ out: "", code: 1 });
    expect(err.split("\n").slice(1)).toEqual([message, ""]);
  });

  it("names the log if the function failed", async () => {
    const { err, code } = await reconcile(undefined);

    expect(code).toBe(1);
    expect(err).toContain(`the reconcile function ${FUNCTION} failed. Read its log`);
  });
});
