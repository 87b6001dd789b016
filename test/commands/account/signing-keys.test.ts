import {
  GetSecretValueCommand,
  LimitExceededException,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";

import { CommandError } from "../../../commands/shared/command-error.ts";
import {
  addAccount,
  listAccounts,
  removeAccount,
  replaceNewestKey,
  retireKey,
  rotateKey,
  readAccountKeys,
} from "../../../commands/account/signing-keys.ts";
import { aSecretText } from "../../../tools/fakes/signing-keys.ts";
import { aSecretInMemory } from "./secret-in-memory.ts";

const PING_KEY = `whsec_${"p".repeat(32)}`;

const ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:SigningKeys-a1b2c3";

const stageKeys = () => ({ secrets: new SecretsManagerClient(), secretId: ARN, stage: "blue" });

const add = (accountId: string) => addAccount(stageKeys(), accountId);
const rotate = (accountId: string) => rotateKey(stageKeys(), accountId);
const readKeys = (accountId: string) => readAccountKeys(stageKeys(), accountId);
const replaceNewest = async (accountId: string) =>
  await replaceNewestKey(stageKeys(), accountId, await readKeys(accountId));
const retire = async (accountId: string) => {
  await retireKey(stageKeys(), accountId, await readKeys(accountId));
};
const remove = (accountId: string) => removeAccount(stageKeys(), accountId);
const list = () => listAccounts(stageKeys());

/** Returns the content of the secret with these accounts and the key for testing new versions. */
const withPing = (keys: object) => ({
  ...keys,
  _ping: [expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/)],
});

/** Returns a number of accounts, each with a key. */
const accounts = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`1${index}`, ["whsec_a"]]));

describe("adding an account", () => {
  it("creates the first value of the secret with the returned key", async () => {
    const secret = aSecretInMemory(ARN);

    const key = await add("11010177632");

    expect(secret.current()).toEqual(withPing({ "11010177632": [key] }));
  });

  it("creates a key of at least 24 random bytes in the format of Standard Webhooks", async () => {
    aSecretInMemory(ARN);

    const [one, other] = [await add("1"), await add("2")];

    expect(one).toMatch(/^whsec_[A-Za-z0-9+/]+={0,2}$/);
    expect(Buffer.from(one.slice("whsec_".length), "base64").length).toBeGreaterThanOrEqual(24);
    expect(Buffer.from(one.slice("whsec_".length), "base64").length).toBeLessThanOrEqual(64);
    expect(other).not.toBe(one);
  });

  it("keeps the key that deployments are tested with", async () => {
    const secret = aSecretInMemory(ARN, { _ping: [PING_KEY] });

    const key = await add("1");

    expect(secret.current()).toEqual({ _ping: [PING_KEY], "1": [key] });
  });

  it.each([["whsec_p"], ["whsec_p", PING_KEY]])(
    "replaces the key that deployments are tested with if it is malformed: %s",
    async (...keys) => {
      const secret = aSecretInMemory(ARN, { _ping: keys });

      const key = await add("1");

      expect(secret.current()).toEqual(withPing({ "1": [key] }));
    },
  );

  it("keeps the keys of other accounts", async () => {
    const secret = aSecretInMemory(ARN, { "1": ["whsec_new", "whsec_old"] });

    const key = await add("2");

    expect(secret.current()).toEqual(withPing({ "1": ["whsec_new", "whsec_old"], "2": [key] }));
  });

  it("is rejected if the account has a key", async () => {
    const secret = aSecretInMemory(ARN, { "1": ["whsec_a"] });

    await expect(add("1")).rejects.toThrow(
      new CommandError(
        "account 1 already has a signing key, which is not shown again. Create a second one: npx agent-availability account rotate 1 --stage blue",
      ),
    );
    expect(secret.current()).toEqual({ "1": ["whsec_a"] });
  });

  it("is possible for the 400th account, and rejected for the 401st", async () => {
    const secret = aSecretInMemory(ARN, accounts(399));

    await add("400");

    await expect(add("401")).rejects.toThrow(
      new CommandError(
        "this stage already has 400 accounts, the maximum for its secret. Use another stage.",
      ),
    );
    expect(secret.current()).toEqual(withPing({ ...accounts(399), "400": [expect.any(String)] }));
  });

  it("is rejected if the secret has no room for a second key of every account", async () => {
    const key = `whsec_${"A".repeat(43)}=`;
    const long = (index: number) => String(index).padStart(128, "x");
    // 128 + 2 quotation marks, 2 for colon and comma, 2 brackets, 2 keys of 52 with a comma between, 9 for {"keys":}: 248 bytes;
    // 125 for the key of _ping, once.
    const full = Object.fromEntries(
      Array.from({ length: 263 }, (_, index) => [long(index), [key]]),
    );
    const secret = aSecretInMemory(ARN, full);

    // 108 bytes less each than one of those.
    await add("1".repeat(20));

    await expect(add("2".repeat(20))).rejects.toThrow(
      new CommandError(
        "the keys of 264 accounts fill this stage's secret, which can hold 65536 bytes. Use another stage.",
      ),
    );
    expect(Object.keys(secret.current() as object)).toHaveLength(264 + 1);
  });

  it.each(["whsec_c2VjcmV0", '{"1":{"keys":["whsec_c2VjcmV0"', '{"1":["whsec_c2VjcmV0"]}'])(
    "is rejected without quoting the secret if the secret is invalid: %s",
    async (text) => {
      const secrets = mockClient(SecretsManagerClient);
      secrets.on(GetSecretValueCommand).resolves({ VersionId: "v", SecretString: text });

      await expect(add("1")).rejects.toThrow(
        new CommandError(
          "the secret with the signing keys of this stage is invalid, probably because it was edited manually. In Secrets Manager, make its previous version current again.",
        ),
      );
      expect(secrets.calls()).toHaveLength(1);
    },
  );

  it.each([
    "acme.freshdesk.com",
    "_ping",
    "",
    "1 2",
    "-1",
    "042",
    "__proto__",
    "constructor",
    "1\n",
    "١٢",
    "1".repeat(21),
  ])(
    "rejects %j, which is not an account ID, explains where to find one, and makes no request",
    async (id) => {
      const secrets = mockClient(SecretsManagerClient);

      await expect(add(id)).rejects.toThrow(
        new CommandError(
          `account ID must be the number of the Freshdesk account, digits only (got ${JSON.stringify(id)}). Find it in the field account_id of GET https://YOUR_DOMAIN.freshdesk.com/api/v2/account, with any admin's API key, or in the relay's log.`,
        ),
      );
      expect(secrets.calls()).toHaveLength(0);
    },
  );

  it.each([
    ["the first version", undefined],
    ["a later version", { "7": ["whsec_a"] }],
  ])("names the limit of 100 versions if Secrets Manager rejects %s", async (_title, stored) => {
    mockClient(SecretsManagerClient)
      .on(GetSecretValueCommand)
      .callsFake(() => {
        if (stored === undefined) {
          throw new ResourceNotFoundException({ $metadata: {}, message: "no value" });
        }
        return { VersionId: "v", SecretString: aSecretText(stored) };
      })
      .on(PutSecretValueCommand)
      .rejects(new LimitExceededException({ $metadata: {}, message: "versions" }));

    await expect(add("1")).rejects.toThrow(
      "the secret has reached Secrets Manager's limit of 100 versions (LimitExceededException)",
    );
  });

  it("passes on other AWS errors, and changes nothing", async () => {
    const secrets = mockClient(SecretsManagerClient);
    secrets.on(GetSecretValueCommand).rejects(new Error("no permission"));

    await expect(add("1")).rejects.toThrow("no permission");
    expect(secrets.calls()).toHaveLength(1);
  });
});

describe("two operators at once", () => {
  it("keep both accounts, whichever of them moves the label first", async () => {
    const secret = aSecretInMemory(ARN, { "1": ["whsec_a"] });
    secret.beforeNext("move", () => secret.become({ "1": ["whsec_a"], "2": ["whsec_b"] }));

    const key = await add("3");

    expect(secret.current()).toEqual(withPing({ "1": ["whsec_a"], "2": ["whsec_b"], "3": [key] }));
  });

  it("lose no account if one finishes while the other stores its version", async () => {
    const secret = aSecretInMemory(ARN, { "1": ["whsec_a"] });
    secret.beforeNext("put", () => secret.become({ "1": ["whsec_a"], "2": ["whsec_b"] }));

    const key = await add("3");

    expect(secret.current()).toEqual(withPing({ "1": ["whsec_a"], "2": ["whsec_b"], "3": [key] }));
  });

  it("lose no account if both find an empty secret", async () => {
    const secret = aSecretInMemory(ARN);
    let theirs = "";
    secret.beforeNext("put", async () => {
      theirs = await add("1");
    });

    const ours = await add("2");

    expect(secret.current()).toEqual(withPing({ "1": [theirs], "2": [ours] }));
  });

  it("lose none of five accounts added at the same time to an empty secret", async () => {
    const secret = aSecretInMemory(ARN);
    const ids = ["1", "2", "3", "4", "5"];

    const keys = await Promise.all(ids.map(add));

    expect(secret.current()).toEqual(
      withPing(Object.fromEntries(ids.map((id, index) => [id, [keys[index]]]))),
    );
  });

  it("cannot both add the same account", async () => {
    const secret = aSecretInMemory(ARN, {});
    secret.beforeNext("move", () => secret.become({ "1": ["whsec_theirs"] }));

    await expect(add("1")).rejects.toThrow(
      new CommandError(
        "account 1 already has a signing key, which is not shown again. Create a second one: npx agent-availability account rotate 1 --stage blue",
      ),
    );
    expect(secret.current()).toEqual({ "1": ["whsec_theirs"] });
  });

  it("are asked to try again if the other is always first", async () => {
    const secret = aSecretInMemory(ARN, {});
    let others = 0;
    const interrupt = async () => {
      others += 1;
      await secret.become({ [`other-${others}`]: ["whsec_a"] });
      secret.beforeNext("move", interrupt);
    };
    secret.beforeNext("move", interrupt);

    await expect(add("1")).rejects.toThrow(
      new CommandError(
        "other operators are changing the signing keys. Nothing was changed. Try again.",
      ),
    );
    expect(others).toBe(8);
    expect(secret.current()).toEqual({ "other-8": ["whsec_a"] });
  });
});

it.each([
  ["rotate", rotate, ["whsec_old"]],
  ["replace the newest key", replaceNewest, ["whsec_lost", "whsec_old"]],
])(
  "replaces the key that deployments are tested with if it is malformed: %s",
  async (_title, change, keys) => {
    const secret = aSecretInMemory(ARN, { "1": keys, _ping: ["whsec_p"] });

    const key = await change("1");

    expect(secret.current()).toEqual(withPing({ "1": [key, "whsec_old"] }));
  },
);

describe("a change whose response was lost", () => {
  const two = { "1": ["whsec_new", "whsec_old"], _ping: [PING_KEY] };

  it.each([
    ["add", add, "2", (key: unknown) => ({ ...two, "2": [key] })],
    [
      "replace the newest key",
      replaceNewest,
      "1",
      (key: unknown) => ({ ...two, "1": [key, "whsec_old"] }),
    ],
    ["retire", retire, "1", () => ({ ...two, "1": ["whsec_new"] })],
    ["remove", remove, "1", () => ({ _ping: [PING_KEY] })],
  ])("counts as done, and is not repeated: %s", async (_title, change, id, becomes) => {
    const secret = aSecretInMemory(ARN, two);
    secret.loseNextMove();

    const key = await change(id);

    expect(secret.current()).toEqual(becomes(key));
  });

  it("counts as done for rotate", async () => {
    const secret = aSecretInMemory(ARN, { "1": ["whsec_old"], _ping: [PING_KEY] });
    secret.loseNextMove();

    const key = await rotate("1");

    expect(secret.current()).toEqual({ "1": [key, "whsec_old"], _ping: [PING_KEY] });
  });

  it.each([
    ["add", add, {}, []],
    ["rotate", rotate, { "1": ["whsec_old"] }, ["whsec_old"]],
    ["replace the newest key", replaceNewest, { "1": ["whsec_lost", "whsec_old"] }, ["whsec_old"]],
  ])(
    "counts as done, with the key, if another operator has changed the secret since: %s",
    async (_title, change, before, older) => {
      const secret = aSecretInMemory(ARN, before);
      secret.loseNextMove(() =>
        secret.become({ ...(secret.current() as object), "2": ["whsec_b"] }),
      );

      const key = await change("1");

      expect(secret.current()).toEqual(withPing({ "1": [key, ...older], "2": ["whsec_b"] }));
    },
  );

  it("is not printed if another operator has removed the key since", async () => {
    const secret = aSecretInMemory(ARN, { "1": ["whsec_old"] });
    secret.loseNextMove(() => secret.become({ "1": ["whsec_theirs", "whsec_old"] }));

    await expect(rotate("1")).rejects.toThrow("account 1 already has two signing keys");
    expect(secret.current()).toEqual({ "1": ["whsec_theirs", "whsec_old"] });
  });
});

describe("rotating a key", () => {
  it("stores a new key before the old one, and keeps other accounts", async () => {
    const secret = aSecretInMemory(ARN, { "1": ["whsec_old"], "2": ["whsec_b"] });

    const key = await rotate("1");

    expect(key).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(secret.current()).toEqual(withPing({ "1": [key, "whsec_old"], "2": ["whsec_b"] }));
  });

  it("is rejected if the account has two keys, since the relay may use the older one", async () => {
    const secret = aSecretInMemory(ARN, { "1": ["whsec_new", "whsec_old"] });

    await expect(rotate("1")).rejects.toMatchObject({
      name: "CommandError",
      message: "account 1 already has two signing keys.",
      details: [
        "If the relay uses the newer one, retire the older one: npx agent-availability account retire 1 --stage blue",
        "If the newer one was lost, replace it: npx agent-availability account rotate 1 --replace-newest --stage blue",
      ],
    });
    expect(secret.current()).toEqual({ "1": ["whsec_new", "whsec_old"] });
  });

  it("keeps the changes that another operator makes at the same time", async () => {
    const secret = aSecretInMemory(ARN, { "1": ["whsec_old"] });
    secret.beforeNext("move", () => secret.become({ "1": ["whsec_old"], "2": ["whsec_b"] }));

    const key = await rotate("1");

    expect(secret.current()).toEqual(withPing({ "1": [key, "whsec_old"], "2": ["whsec_b"] }));
  });

  it("happens once if two operators rotate at the same time", async () => {
    const secret = aSecretInMemory(ARN, { "1": ["whsec_old"] });
    secret.beforeNext("move", () => secret.become({ "1": ["whsec_theirs", "whsec_old"] }));

    await expect(rotate("1")).rejects.toThrow("account 1 already has two signing keys");
    expect(secret.current()).toEqual({ "1": ["whsec_theirs", "whsec_old"] });
  });
});

describe("replacing the newest key", () => {
  it("replaces the newest key, and keeps the older one that the relay uses", async () => {
    const secret = aSecretInMemory(ARN, { "1": ["whsec_lost", "whsec_used"], "2": ["whsec_b"] });

    const key = await replaceNewest("1");

    expect(key).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(secret.current()).toEqual(withPing({ "1": [key, "whsec_used"], "2": ["whsec_b"] }));
  });

  it("is rejected for an account's only key, which the relay uses", async () => {
    const secret = aSecretInMemory(ARN, { "1": ["whsec_used"] });

    await expect(replaceNewest("1")).rejects.toThrow(
      new CommandError(
        "account 1 has only one signing key, which was not replaced. Create a second one: npx agent-availability account rotate 1 --stage blue",
      ),
    );
    expect(secret.current()).toEqual({ "1": ["whsec_used"] });
  });

  it("keeps the changes that another operator makes at the same time", async () => {
    const secret = aSecretInMemory(ARN, { "1": ["whsec_lost", "whsec_used"] });
    secret.beforeNext("move", () =>
      secret.become({ "1": ["whsec_lost", "whsec_used"], "2": ["whsec_b"] }),
    );

    const key = await replaceNewest("1");

    expect(secret.current()).toEqual(withPing({ "1": [key, "whsec_used"], "2": ["whsec_b"] }));
  });

  it.each([
    [["whsec_theirs", "whsec_used"], "have just been changed by another operator"],
    [["whsec_lost"], "has only one signing key"],
  ])("replaces no key if another operator has changed them to %j", async (theirs, sentence) => {
    const secret = aSecretInMemory(ARN, { "1": ["whsec_lost", "whsec_used"] });
    secret.beforeNext("move", () => secret.become({ "1": theirs }));

    await expect(replaceNewest("1")).rejects.toThrow(sentence);
    expect(secret.current()).toEqual({ "1": theirs });
  });
});

describe("retiring a key", () => {
  it("removes the older key", async () => {
    const secret = aSecretInMemory(ARN, { "1": ["whsec_new", "whsec_old"], "2": ["whsec_b"] });

    await retire("1");

    expect(secret.current()).toEqual({ "1": ["whsec_new"], "2": ["whsec_b"] });
  });

  it("is rejected for an account's only key", async () => {
    const secret = aSecretInMemory(ARN, { "1": ["whsec_a"] });

    await expect(retire("1")).rejects.toThrow(
      new CommandError("account 1 has only one signing key, which was not removed."),
    );
    expect(secret.current()).toEqual({ "1": ["whsec_a"] });
  });

  it("cannot remove both keys if two operators retire at the same time", async () => {
    const secret = aSecretInMemory(ARN, { "1": ["whsec_new", "whsec_old"] });
    secret.beforeNext("move", () => secret.become({ "1": ["whsec_new"] }));

    await expect(retire("1")).rejects.toThrow("account 1 has only one signing key");
    expect(secret.current()).toEqual({ "1": ["whsec_new"] });
  });
});

describe("a late confirmation", () => {
  const changed = new CommandError(
    "the signing keys of account 1 have just been changed by another operator. Nothing was changed. Check the audit log, then try again.",
  );

  it.each([
    ["replaced the newest key as well", ["whsec_theirs", "whsec_used"]],
    ["retired and rotated", ["whsec_theirs", "whsec_new"]],
  ])("removes no key of an account that has %s", async (_title, theirs) => {
    const secret = aSecretInMemory(ARN, { "1": ["whsec_new", "whsec_used"] });
    const confirmedKeys = await readKeys("1");
    await secret.become({ "1": theirs });

    await expect(replaceNewestKey(stageKeys(), "1", confirmedKeys)).rejects.toThrow(changed);
    await expect(retireKey(stageKeys(), "1", confirmedKeys)).rejects.toThrow(changed);
    expect(secret.current()).toEqual({ "1": theirs });
  });

  it("changes nothing if another operator has rotated since the confirmation was requested", async () => {
    const secret = aSecretInMemory(ARN, { "1": ["whsec_used"] });
    const confirmedKeys = await readKeys("1");
    await secret.become({ "1": ["whsec_theirs", "whsec_used"] });

    await expect(retireKey(stageKeys(), "1", confirmedKeys)).rejects.toThrow(changed);
    await expect(replaceNewestKey(stageKeys(), "1", confirmedKeys)).rejects.toThrow(changed);
    expect(secret.current()).toEqual({ "1": ["whsec_theirs", "whsec_used"] });
  });

  it("accepts changes of other accounts since the confirmation was requested", async () => {
    const secret = aSecretInMemory(ARN, { "1": ["whsec_new", "whsec_old"] });
    const confirmedKeys = await readKeys("1");
    await secret.become({ "1": ["whsec_new", "whsec_old"], "2": ["whsec_b"] });

    await retireKey(stageKeys(), "1", confirmedKeys);

    expect(secret.current()).toEqual({ "1": ["whsec_new"], "2": ["whsec_b"] });
  });
});

describe("removing an account", () => {
  it("removes all keys of the account, and of no other", async () => {
    const secret = aSecretInMemory(ARN, { "1": ["whsec_new", "whsec_old"], "2": ["whsec_b"] });

    await remove("1");

    expect(secret.current()).toEqual({ "2": ["whsec_b"] });
  });

  it("keeps an account that another operator adds at the same time", async () => {
    const secret = aSecretInMemory(ARN, { "1": ["whsec_a"] });
    secret.beforeNext("move", () => secret.become({ "1": ["whsec_a"], "2": ["whsec_b"] }));

    await remove("1");

    expect(secret.current()).toEqual({ "2": ["whsec_b"] });
  });
});

describe.each([
  ["rotating", rotate],
  ["replacing the newest key of", replaceNewest],
  ["retiring", retire],
  ["removing", remove],
  ["reading the keys of", readKeys],
])("%s", (_title, change) => {
  it("rejects an account without a key", async () => {
    const id = "2";
    const secret = aSecretInMemory(ARN, { "1": ["whsec_a"] });

    await expect(change(id)).rejects.toThrow(
      new CommandError(
        `account ${id} has no signing key (stage blue). List the accounts that have one: npx agent-availability account list --stage blue`,
      ),
    );
    expect(secret.current()).toEqual({ "1": ["whsec_a"] });
  });

  it("rejects the hub's own account, and makes no request", async () => {
    const secrets = mockClient(SecretsManagerClient);

    await expect(change("_ping")).rejects.toThrow('digits only (got "_ping")');
    expect(secrets.calls()).toHaveLength(0);
  });
});

describe("listing accounts", () => {
  it("returns accounts in order, with the number of keys, without the hub's own", async () => {
    aSecretInMemory(ARN, { _ping: [PING_KEY], "10": ["whsec_a"], "9": ["whsec_b", "whsec_c"] });

    expect(await list()).toEqual([
      { accountId: "9", keys: 2, customStatuses: true },
      { accountId: "10", keys: 1, customStatuses: true },
    ]);
  });

  it("returns no account before the first one", async () => {
    aSecretInMemory(ARN);

    expect(await list()).toEqual([]);
  });
});
