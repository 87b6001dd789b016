import { createHash } from "node:crypto";

import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

import {
  type FreshdeskApi,
  startFreshdeskApi,
} from "../../../local/freshdesk-api/freshdesk-api.ts";
import { aSecretText } from "../../../tools/fakes/signing-keys.ts";
import { ADMIN_KEY, aFreshdeskAgent, aFreshdeskState, DOMAIN } from "../../builders/freshdesk.ts";
import { skipPauses } from "../../builders/skip-pauses.ts";
import { type Responses, runCommand, withServices } from "../run-command.ts";

const PING_KEY = `whsec_${"p".repeat(32)}`;

const ACCOUNT = "11010177632";
const ACME = { domain: DOMAIN, apiKey: ADMIN_KEY };

let freshdesk: FreshdeskApi;

skipPauses();

beforeEach(async () => {
  freshdesk = await startFreshdeskApi(aFreshdeskState([aFreshdeskAgent(1)]));
  process.env["LOCAL_FRESHDESK_ORIGIN"] = freshdesk.origin;
});

afterEach(async () => {
  delete process.env["LOCAL_FRESHDESK_ORIGIN"];
  await freshdesk.close();
});

/** A stage `blue` with these secrets. Collects the stored secrets, the sent messages and the audit entries. */
function aStage({
  signingKeys = {},
  apiKeys = {},
  coverageTable,
}: {
  readonly coverageTable?: string;
  readonly signingKeys?: Readonly<Record<string, readonly string[]>>;
  readonly apiKeys?: Readonly<Record<string, object>>;
} = {}) {
  const secrets = new Map([
    ["arn:signing", aSecretText({ _ping: [PING_KEY], ...signingKeys })],
    ["arn:api", JSON.stringify(apiKeys)],
  ]);
  const pending = new Map<string, string>();
  const messages: unknown[] = [];
  const lines: { readonly action: string; readonly outcome: string }[] = [];
  const parameters = {
    "audit-log-name": "operators",
    "freshdesk-api-keys-secret-arn": "arn:api",
    "ingest-url": "https://hub.example",
    "reconcile-queue-url": "http://127.0.0.1:9/queue",
    "signing-keys-secret-arn": "arn:signing",
    ...(coverageTable !== undefined && { "coverage-table-name": coverageTable }),
  };
  const responses: Responses = {
    GetParametersByPath: () => ({
      Parameters: Object.entries(parameters).map(([name, value]) => ({
        Name: `/agent-availability/blue/${name}`,
        Value: value,
      })),
    }),
    GetSecretValue: (input) => {
      const { SecretId: id } = input as { SecretId: string };
      return { VersionId: "one", SecretString: secrets.get(id) };
    },
    PutSecretValue: (input) => {
      const { SecretId: id, SecretString: text } = input as Record<
        "SecretId" | "SecretString",
        string
      >;
      pending.set(id, text);
      return { VersionId: "two" };
    },
    UpdateSecretVersionStage: (input) => {
      const { SecretId: id } = input as { SecretId: string };
      secrets.set(id, pending.get(id) ?? "");
      return {};
    },
    SendMessage: (input) => {
      const { MessageBody: body } = input as { MessageBody: string };
      messages.push(input);
      return { MessageId: "1", MD5OfMessageBody: createHash("md5").update(body).digest("hex") };
    },
    CreateLogStream: () => ({}),
    PutLogEvents: (input) => {
      const { logEvents } = input as { logEvents: { message: string }[] };
      lines.push(...logEvents.map(({ message }) => JSON.parse(message) as (typeof lines)[number]));
      return {};
    },
  };
  return {
    responses,
    messages,
    lines,
    secretIn: (id: "arn:signing" | "arn:api") => JSON.parse(secrets.get(id) ?? "") as object,
    account: async (args: readonly string[], input = `${ADMIN_KEY}\n`) =>
      await withServices(
        responses,
        async (endpoint) =>
          await runCommand(["account", ...args, "--stage", "blue"], endpoint, input),
      ),
  };
}

const byDomain = ["add", "--domain", DOMAIN];
const connect = ["connect", ACCOUNT, "--domain", DOMAIN];
const disconnect = ["disconnect", ACCOUNT, "--yes"];

describe("adding an account by its domain", () => {
  it("stores the API key, creates a signing key, starts a sweep, and prints what to paste", async () => {
    const { account, secretIn, messages } = aStage({ apiKeys: { "2": ACME } });

    const { out, err, code } = await account(byDomain);

    const [key = ""] = /whsec_\S+/.exec(out) ?? [];
    expect({ err, code }).toEqual({ err: "", code: 0 });
    expect(out).toBe(`Connected account ${ACCOUNT} to ${DOMAIN} (stage blue).
Created a signing key for account ${ACCOUNT} (stage blue).

Paste these values into the relay's settings in Freshdesk (Admin > Apps > Manage Apps > the relay > Settings):

  Hub host          hub.example
  Path              /v1/accounts/${ACCOUNT}/availability-events
  Signing key       ${key}

Host and path form the URL https://hub.example/v1/accounts/${ACCOUNT}/availability-events

The signing key is not shown again. The hub accepts it within 30 seconds.
A sweep has started. It takes up to about 1 minute per 1,000 agents. Afterwards, every agent is stored.
`);
    expect(secretIn("arn:api")).toEqual({ "2": ACME, [ACCOUNT]: ACME });
    expect(secretIn("arn:signing")).toEqual({
      _ping: { keys: [PING_KEY] },
      [ACCOUNT]: { keys: [key] },
    });
    expect(messages).toEqual([
      {
        QueueUrl: "http://127.0.0.1:9/queue",
        MessageBody: JSON.stringify({ kind: "sweep", accountId: ACCOUNT }),
        DelaySeconds: 0,
      },
    ]);
  });

  it("records two actions in the audit log, without a key", async () => {
    const { account, lines } = aStage();

    await account([...byDomain, "--without-custom-statuses"]);

    expect(lines.map(({ action, outcome }) => [action, outcome])).toEqual([
      ["account connect", "started"],
      ["account connect", "done"],
      ["account add", "started"],
      ["account add", "done"],
    ]);
    expect(lines[0]).toMatchObject({ accountId: ACCOUNT, domain: DOMAIN });
    expect(lines[2]).toMatchObject({ accountId: ACCOUNT, customStatuses: "off" });
    expect(JSON.stringify(lines)).not.toMatch(/whsec_|adminKey/);
  });

  it("accepts the address of a page, and prints JSON", async () => {
    const { account } = aStage();

    const { out } = await account(["add", "--domain", `https://${DOMAIN}/a/admin`, "--json"]);

    expect(JSON.parse(out)).toMatchObject({
      stage: "blue",
      accountId: ACCOUNT,
      domain: DOMAIN,
      signingKey: expect.stringMatching(/^whsec_/),
      customStatuses: true,
    });
  });

  it("prints the signing key even if the first sweep cannot be started", async () => {
    const { account, responses } = aStage();
    delete responses["SendMessage"];

    const { out, code } = await account(byDomain);

    expect(code).toBe(0);
    expect(out).toMatch(/Signing key {7}whsec_/);
    expect(out).toContain("A sweep could not be started: the AWS request failed: AccessDenied");
  });

  it("changes nothing if the account has a signing key", async () => {
    const { account, secretIn, lines } = aStage({ signingKeys: { [ACCOUNT]: ["whsec_a"] } });

    const { err, code } = await account(byDomain);

    expect(code).toBe(1);
    expect(err).toBe(
      `account ${ACCOUNT} already has a signing key. Nothing was changed. To store the API key only: npx agent-availability account connect ${ACCOUNT} --domain ${DOMAIN} --stage blue\n`,
    );
    expect(secretIn("arn:api")).toEqual({});
    expect(lines).toEqual([]);
  });

  it.each([[["add"]], [["add", ACCOUNT, "--domain", DOMAIN]]])(
    "requires either an account ID or a domain (%s)",
    async (args) => {
      const { err, code } = await aStage().account(args);

      expect({ err, code }).toEqual({
        err: "either an account ID or --domain is required, but not both\n",
        code: 1,
      });
    },
  );
});

describe("an API key that reconcile could not use", () => {
  const rejections: readonly [string, (api: FreshdeskApi) => void, string][] = [
    [
      "is unknown",
      ({ state }) => {
        state.apiKeys.clear();
      },
      "rejected the API key (status 401 invalid_credentials). Copy the key again from an administrator's profile settings.",
    ],
    [
      "belongs to an agent who is not an administrator",
      ({ state }) => {
        state.apiKeys.set(ADMIN_KEY, "agent");
      },
      "the owner of the API key is not an administrator of acme.freshdesk.com (status 403 access_denied). Use an administrator's API key.",
    ],
    [
      "belongs to a locked user",
      ({ state }) => {
        state.apiKeys.set(ADMIN_KEY, "locked");
      },
      "is locked out of acme.freshdesk.com, or the password has expired (status 403 password_lockout).",
    ],
    [
      "belongs to a suspended account",
      ({ state }) => {
        state.isSuspended = true;
      },
      "the account acme.freshdesk.com is suspended (status 403 account_suspended).",
    ],
    [
      "belongs to a trial that has used up its rate limit",
      (api) => {
        api.state.requestsPerMinute = 0;
      },
      "which is at most 50 requests a minute during a trial",
    ],
    [
      "is for a domain without an account",
      (api) => {
        api.constantFault = {
          kind: "response",
          status: 404,
          headers: { "content-type": "text/html" },
          body: "<html>no account</html>",
        };
      },
      "Freshdesk account not found at acme.freshdesk.com (status 404).",
    ],
  ];

  it.each(rejections)("is not stored if it %s", async (_, prepare, message) => {
    const { account, secretIn, lines } = aStage();
    prepare(freshdesk);

    const { out, err, code } = await account(byDomain);

    expect({ out, code }).toEqual({ out: "", code: 1 });
    expect(err).toContain(message);
    expect(err).toContain("Nothing was changed.");
    expect(err).not.toContain(ADMIN_KEY);
    expect(secretIn("arn:api")).toEqual({});
    expect(lines).toEqual([]);
  });

  it.each(["support.acme.com", "http://acme.freshdesk.com", "acme.freshdesk.com.evil.example"])(
    "is not asked for if the domain is %s",
    async (domain) => {
      const { account } = aStage();

      const { err, code } = await account(["add", "--domain", domain]);

      expect({ err, code }).toEqual({
        err: `the domain must be a subdomain of freshdesk.com such as acme.freshdesk.com (got ${JSON.stringify(domain)}). Freshdesk's API is not available on custom domains.\n`,
        code: 1,
      });
      expect(freshdesk.requests).toEqual([]);
    },
  );

  it.each(["", "\n", "two words\n", "key:X\n"])(
    "is not sent to Freshdesk if it is not a valid key (%j)",
    async (input) => {
      const { err, code } = await aStage().account(byDomain, input);

      expect(err).toContain("Nothing was changed.");
      expect(code).not.toBe(0);
      expect(freshdesk.requests).toEqual([]);
    },
  );

  it("is sent to no address but Freshdesk's or a loopback one", async () => {
    process.env["LOCAL_FRESHDESK_ORIGIN"] = "http://attacker.example:80";

    const { err, code } = await aStage().account(byDomain);

    expect(code).toBe(1);
    expect(err).toContain("the local origin must be a loopback URL such as http://127.0.0.1:8080");
  });
});

describe("connecting an account", () => {
  it("replaces its API key, keeps those of others, and starts a sweep", async () => {
    const old = { ...ACME, apiKey: "oldKey" };
    const { account, secretIn, messages } = aStage({ apiKeys: { [ACCOUNT]: old, "2": old } });

    const { out, code } = await account(connect);

    expect(code).toBe(0);
    expect(out).toContain(`Connected account ${ACCOUNT} to ${DOMAIN} (stage blue).\n`);
    expect(secretIn("arn:api")).toEqual({ [ACCOUNT]: ACME, "2": old });
    expect(messages).toHaveLength(1);
  });

  it("is rejected if the API key belongs to another account", async () => {
    const { account, secretIn } = aStage();

    const { err, code } = await account(["connect", "42", "--domain", DOMAIN]);

    expect(code).toBe(1);
    expect(err).toBe(
      `the API key belongs to account ${ACCOUNT}, not to account 42. Nothing was changed. Check the domain and the ID.\n`,
    );
    expect(secretIn("arn:api")).toEqual({});
  });

  it("is rejected if the secret was edited manually", async () => {
    const { account, secretIn } = aStage({ apiKeys: { "2": { ...ACME, note: "ours" } } });

    const { err } = await account(connect);

    expect(err).toContain(
      "the secret with the Freshdesk API keys of this stage is invalid, probably because it was edited manually.",
    );
    expect(secretIn("arn:api")).toEqual({ "2": { ...ACME, note: "ours" } });
  });
});

describe("disconnecting an account", () => {
  it("removes its API key and keeps those of others", async () => {
    const { account, secretIn, lines } = aStage({ apiKeys: { [ACCOUNT]: ACME, "2": ACME } });

    const { out, code } = await account(disconnect);

    expect(code).toBe(0);
    expect(out).toContain(`Disconnected account ${ACCOUNT} (stage blue).`);
    expect(secretIn("arn:api")).toEqual({ "2": ACME });
    expect(lines[0]).toMatchObject({ action: "account disconnect", accountId: ACCOUNT });
  });

  it("is rejected if the account is not connected", async () => {
    const { err, code } = await aStage().account(disconnect);

    expect(code).toBe(1);
    expect(err).toContain(`account ${ACCOUNT} is not connected (stage blue).`);
  });

  it("asks for confirmation", async () => {
    const { account, secretIn } = aStage({ apiKeys: { [ACCOUNT]: ACME } });

    const { err, code } = await account(["disconnect", ACCOUNT]);

    expect(code).toBe(1);
    expect(err).toContain("Pass --yes to confirm.");
    expect(secretIn("arn:api")).toEqual({ [ACCOUNT]: ACME });
  });
});

describe("removing a connected account", () => {
  const remove = ["remove", ACCOUNT, "--yes"];
  const signingKeys = { [ACCOUNT]: ["whsec_a"], "2": ["whsec_b"] };

  it("removes its signing keys and its API key, and keeps those of others", async () => {
    const { account, secretIn, lines } = aStage({
      signingKeys,
      apiKeys: { [ACCOUNT]: ACME, "2": ACME },
    });

    const { out, code } = await account(remove);

    expect(code).toBe(0);
    expect(out).toContain("Delete the API key in Freshdesk if nothing else uses it.");
    expect(secretIn("arn:api")).toEqual({ "2": ACME });
    expect(secretIn("arn:signing")).toEqual({
      _ping: { keys: [PING_KEY] },
      "2": { keys: ["whsec_b"] },
    });
    expect(lines.map(({ action, outcome }) => [action, outcome])).toEqual([
      ["account disconnect", "started"],
      ["account disconnect", "done"],
      ["account remove", "started"],
      ["account remove", "done"],
    ]);
  });

  it("warns before the confirmation that the account will no longer be reconciled", async () => {
    const { account, secretIn } = aStage({ signingKeys, apiKeys: { [ACCOUNT]: ACME } });

    const { err, code } = await account(["remove", ACCOUNT]);

    expect(code).toBe(1);
    expect(err).toContain(
      `This removes all signing keys and the Freshdesk API key of account ${ACCOUNT} (stage blue). Events of the account will be rejected, and sweeps stop.`,
    );
    expect(secretIn("arn:api")).toEqual({ [ACCOUNT]: ACME });
  });

  it("removes the API key of an account that has no signing key", async () => {
    const { account, secretIn, lines } = aStage({ apiKeys: { [ACCOUNT]: ACME, "2": ACME } });

    const asked = await account(["remove", ACCOUNT]);
    const { out, code } = await account(remove);

    expect(asked.err).toContain(
      `This removes the Freshdesk API key of account ${ACCOUNT} (stage blue) and stops sweeps of the account. The account does not have a signing key.`,
    );
    expect(code).toBe(0);
    expect(out).toContain(`Removed account ${ACCOUNT} (stage blue).\n`);
    expect(secretIn("arn:api")).toEqual({ "2": ACME });
    expect(lines.map(({ action }) => action)).toEqual(["account disconnect", "account disconnect"]);
  });

  it("is rejected if the account has neither a signing key nor an API key", async () => {
    const { account, lines } = aStage({ apiKeys: { "2": ACME } });

    const { err, code } = await account(remove);

    expect(code).toBe(1);
    expect(err).toContain(`account ${ACCOUNT} has no signing key (stage blue).`);
    expect(lines).toEqual([]);
  });

  it("names the coverage table, whose items for the account would cause further alerts", async () => {
    const outOf = async (options: { readonly coverageTable?: string }) =>
      (await aStage({ signingKeys, ...options }).account(remove)).out;

    expect(await outOf({ coverageTable: "coverage-table" })).toContain(
      `To stop the alerts, delete the items of account ${ACCOUNT} from the table coverage-table`,
    );
    expect(await outOf({})).not.toContain("coverage");
  });

  it("removes only the signing keys of an account that is not connected", async () => {
    const { account, secretIn, lines } = aStage({ signingKeys, apiKeys: { "2": ACME } });

    const { out, code } = await account(remove);

    expect(code).toBe(0);
    expect(out).not.toContain("API key");
    expect(secretIn("arn:api")).toEqual({ "2": ACME });
    expect(lines.map(({ action }) => action)).toEqual(["account remove", "account remove"]);
  });
});
