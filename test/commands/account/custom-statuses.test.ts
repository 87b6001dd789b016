import { describe, expect, it } from "@jest/globals";

import { type Responses, runCommand, withServices } from "../run-command.ts";

interface Account {
  readonly keys: readonly string[];
  readonly customStatuses?: false;
}

const PING = { keys: ["whsec_p"] };

/** A stage `blue` with these accounts. Collects the stored secrets and the audit entries. */
function aStage(accounts: Readonly<Record<string, Account>>) {
  const stored: Record<string, Account>[] = [];
  const lines: unknown[] = [];
  const responses: Responses = {
    GetParametersByPath: () => ({
      Parameters: ["ingest-url", "audit-log-name", "signing-keys-secret-arn"].map((name) => ({
        Name: `/agent-availability/blue/${name}`,
        Value: name === "ingest-url" ? "https://hub.example" : name,
      })),
    }),
    GetSecretValue: () => ({
      VersionId: "one",
      SecretString: JSON.stringify({ _ping: PING, ...accounts }),
    }),
    PutSecretValue: (input) => {
      const { SecretString: text } = input as { SecretString: string };
      stored.push(JSON.parse(text) as Record<string, Account>);
      return { VersionId: "two" };
    },
    UpdateSecretVersionStage: () => ({}),
    CreateLogStream: () => ({}),
    PutLogEvents: (input) => {
      const { logEvents } = input as { logEvents: { message: string }[] };
      lines.push(...logEvents.map(({ message }) => JSON.parse(message) as unknown));
      return {};
    },
  };
  const account = async (...args: readonly string[]) =>
    await withServices(
      responses,
      async (endpoint) => await runCommand(["account", ...args, "--stage", "blue"], endpoint),
    );
  return { account, stored, lines };
}

describe("an account without custom statuses", () => {
  it("is stored as such when it is added", async () => {
    const { account, stored, lines } = aStage({});

    const { out, code } = await account("add", "42", "--without-custom-statuses");

    expect(code).toBe(0);
    expect(out).toContain(
      "Created a signing key for account 42 (stage blue).\nSet customStatuses of account 42 to off.\n",
    );
    expect(stored).toMatchObject([{ "42": { customStatuses: false } }]);
    expect(lines[0]).toMatchObject({ action: "account add", customStatuses: "off" });
  });

  it("keeps its setting when its keys are rotated and retired", async () => {
    const one = aStage({ "42": { keys: ["whsec_a"], customStatuses: false } });
    const two = aStage({ "42": { keys: ["whsec_b", "whsec_a"], customStatuses: false } });

    await one.account("rotate", "42");
    await two.account("rotate", "42", "--replace-newest", "--yes");
    await two.account("retire", "42", "--yes");

    expect(one.stored).toMatchObject([
      { "42": { keys: [expect.any(String), "whsec_a"], customStatuses: false } },
    ]);
    expect(two.stored).toMatchObject([
      { "42": { keys: [expect.any(String), "whsec_a"], customStatuses: false } },
      { "42": { keys: ["whsec_b"], customStatuses: false } },
    ]);
  });

  it("is listed as such", async () => {
    const { account } = aStage({
      "7": { keys: ["whsec_b", "whsec_a"], customStatuses: false },
      "8": { keys: ["whsec_c"] },
    });

    const { out } = await account("list");
    const json = await account("list", "--json");

    expect(out).toBe(
      "2 accounts (stage blue)\n  7  without custom statuses  two keys: the older one is not retired\n  8\n",
    );
    expect(JSON.parse(json.out)).toMatchObject({
      accounts: [
        { accountId: "7", customStatuses: false },
        { accountId: "8", customStatuses: true },
      ],
    });
  });
});

describe("account set", () => {
  it.each([
    ["off", { keys: ["whsec_b", "whsec_a"] }],
    ["on", { keys: ["whsec_b", "whsec_a"], customStatuses: false }],
  ] as const)("turns custom statuses %s, and keeps the keys", async (value, before) => {
    const { account, stored, lines } = aStage({ "42": before });

    const { out, code } = await account("set", "42", "--custom-statuses", value);

    expect({ out, code }).toEqual({
      out: `Set customStatuses of account 42 to ${value}. The hub applies the change within 30 seconds (stage blue).\n`,
      code: 0,
    });
    const setting = value === "off" ? { customStatuses: false } : {};
    expect(stored).toEqual([{ _ping: PING, "42": { keys: ["whsec_b", "whsec_a"], ...setting } }]);
    expect(lines[0]).toMatchObject({
      action: "account set",
      accountId: "42",
      customStatuses: value,
    });
  });

  it("stores nothing if the account already has the setting", async () => {
    const { account, stored } = aStage({ "42": { keys: ["whsec_a"], customStatuses: false } });

    expect(await account("set", "42", "--custom-statuses", "off")).toMatchObject({ code: 0 });
    expect(stored).toEqual([]);
  });

  it.each([
    [["42"], "required option '--custom-statuses <on|off>' not specified"],
    [["42", "--custom-statuses", "no"], "Allowed choices are on, off."],
    [["43", "--custom-statuses", "off"], "account 43 has no signing key (stage blue)."],
  ])("rejects %j", async (args, message) => {
    const { account, stored } = aStage({ "42": { keys: ["whsec_a"] } });

    const { out, err, code } = await account("set", ...args);

    expect({ out, code }).toEqual({ out: "", code: 1 });
    expect(err).toContain(message);
    expect(stored).toEqual([]);
  });
});
