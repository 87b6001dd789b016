import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { beforeEach, describe, expect, it, jest } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";

import { createSigningKeys, KeysUnavailableError } from "../../functions/ingest/signing-keys.ts";

const secrets = mockClient(SecretsManagerClient);
const onFailure = jest.fn();

const holding = (keys: unknown) => ({ SecretString: JSON.stringify(keys) });
const fetches = () => secrets.commandCalls(GetSecretValueCommand).length;

function keysOf() {
  return createSigningKeys(new SecretsManagerClient(), "arn:keys", onFailure);
}

/** Moves the clock, without waiting. */
function pass(seconds: number): void {
  jest.setSystemTime(Date.now() + seconds * 1000);
}

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ["setTimeout", "setImmediate", "nextTick", "queueMicrotask"] });
  secrets.reset();
  secrets.on(GetSecretValueCommand).resolves(holding({ "1": ["whsec_a"] }));
  onFailure.mockReset();
});

describe("the copy of the keys", () => {
  it("is asked for by the secret's ARN, once for all accounts", async () => {
    const keys = keysOf();

    expect(await keys.of("1")).toEqual(["whsec_a"]);
    expect(await keys.of("2")).toEqual([]);
    expect(await keys.of("toString")).toEqual([]);
    expect(secrets.commandCalls(GetSecretValueCommand).map((call) => call.args[0].input)).toEqual([
      { SecretId: "arn:keys" },
    ]);
  });

  it("serves for 25 seconds, so that a retired key is refused and a new one works within 30", async () => {
    const keys = keysOf();
    await keys.of("1");
    secrets.on(GetSecretValueCommand).resolves(holding({ "1": ["whsec_b", "whsec_a"] }));

    pass(24.9);
    expect(await keys.of("1")).toEqual(["whsec_a"]);
    pass(0.1);
    expect(await keys.of("1")).toEqual(["whsec_b", "whsec_a"]);
    expect(fetches()).toBe(2);
  });

  it("serves for 5 minutes while fetching fails, each failure told and tried again after a second", async () => {
    const keys = keysOf();
    await keys.of("1");
    const failure = new Error("out of reach");
    secrets.on(GetSecretValueCommand).rejects(failure);

    pass(26);
    expect(await keys.of("1")).toEqual(["whsec_a"]);
    pass(0.9);
    expect(await keys.of("1")).toEqual(["whsec_a"]);
    expect(onFailure.mock.calls).toEqual([[failure]]);
    pass(0.1);
    expect(await keys.of("1")).toEqual(["whsec_a"]);
    expect(onFailure).toHaveBeenCalledTimes(2);
    pass(300 - 27);
    expect(await keys.of("1")).toEqual(["whsec_a"]);
    pass(1);
    await expect(keys.of("1")).rejects.toThrow(KeysUnavailableError);
    await expect(keys.of("1")).rejects.toMatchObject({ name: "KeysUnavailableError" });
  });

  it("that is just 5 minutes old serves without a fetch, right after one that failed", async () => {
    const keys = keysOf();
    await keys.of("1");
    secrets.on(GetSecretValueCommand).rejects(new Error("out of reach"));
    pass(299.5);
    await keys.of("1");

    pass(0.5);

    expect(await keys.of("1")).toEqual(["whsec_a"]);
    expect(onFailure).toHaveBeenCalledTimes(1);
  });

  it("is given up fetching after a time", async () => {
    await keysOf().of("1");

    expect(secrets.commandCalls(GetSecretValueCommand)[0]?.args).toEqual([
      expect.any(GetSecretValueCommand),
      { abortSignal: expect.any(AbortSignal) },
    ]);
  });

  it("is fetched no more than once a second while there is none that could serve", async () => {
    const keys = keysOf();
    secrets.on(GetSecretValueCommand).rejects(new Error("out of reach"));

    await expect(keys.of("1")).rejects.toThrow("the signing keys cannot be fetched");
    for (const seconds of [0, 0.5, 0.499]) {
      pass(seconds);
      await expect(keys.of("1")).rejects.toThrow(KeysUnavailableError);
    }
    expect(fetches()).toBe(1);
    expect(onFailure).toHaveBeenCalledTimes(1);

    secrets.on(GetSecretValueCommand).resolves(holding({ "1": ["whsec_a"] }));
    pass(0.001);
    expect(await keys.of("1")).toEqual(["whsec_a"]);
    expect(fetches()).toBe(2);
  });

  it("that is too old to serve is fetched no more than once a second either, and a fetch mends it at once", async () => {
    const keys = keysOf();
    await keys.of("1");
    secrets.on(GetSecretValueCommand).rejects(new Error("out of reach"));
    pass(301);

    for (let tenths = 0; tenths < 20; tenths += 1) {
      await expect(keys.of("1")).rejects.toThrow(KeysUnavailableError);
      pass(0.1);
    }
    expect(onFailure).toHaveBeenCalledTimes(2);

    secrets.on(GetSecretValueCommand).resolves(holding({ "1": ["whsec_b"] }));
    expect(await keys.of("1")).toEqual(["whsec_b"]);
  });

  it.each([
    ["no JSON", "{"],
    ["a key alone", "whsec_c2VjcmV0"],
    ["a key that is cut off", '{"1":["whsec_c2VjcmV0'],
    ["an empty key", '{"1":["whsec_"]}'],
    ["no map", '["whsec_a"]'],
    ["no list of keys", '{"1":"whsec_a"}'],
    ["an empty list of keys", '{"1":[]}'],
    ["three keys", '{"1":["whsec_a","whsec_b","whsec_c"]}'],
    ["a key of another form", '{"1":["a"]}'],
    ["a key with something before it", '{"1":["a whsec_a"]}'],
  ])("is not made of %s", async (_, text) => {
    secrets.on(GetSecretValueCommand).resolves({ SecretString: text });

    await expect(keysOf().of("1")).rejects.toThrow(KeysUnavailableError);
    expect(onFailure).toHaveBeenCalledTimes(1);
    expect(String(onFailure.mock.calls[0]?.[0])).toBe(
      "UnreadableKeysError: the secret's value is no JSON object from account id to one or two keys that begin with whsec_",
    );
  });
});

describe("a stage without an account", () => {
  const withoutValue = new ResourceNotFoundException({ message: "no value", $metadata: {} });

  it.each([
    ["has a secret without a value", () => secrets.on(GetSecretValueCommand).rejects(withoutValue)],
    [
      "has a secret whose value is no text",
      () => secrets.on(GetSecretValueCommand).resolves({ SecretBinary: new Uint8Array([1]) }),
    ],
    ["has an empty secret", () => secrets.on(GetSecretValueCommand).resolves({ SecretString: "" })],
  ])("%s, and knows nobody", async (_, arrange) => {
    arrange();

    expect(await keysOf().of("1")).toEqual([]);
    expect(onFailure).not.toHaveBeenCalled();
  });

  it("stays one, however long it takes until the first is added, and fetches no more for that", async () => {
    secrets.on(GetSecretValueCommand).rejects(withoutValue);
    const keys = keysOf();

    for (const seconds of [0, 24.9, 0.1, 24.9, 251.1]) {
      pass(seconds);
      expect(await keys.of("1")).toEqual([]);
    }
    expect(fetches()).toBe(3);
    expect(onFailure).not.toHaveBeenCalled();

    secrets.on(GetSecretValueCommand).resolves(holding({ "1": ["whsec_a"] }));
    pass(25);
    expect(await keys.of("1")).toEqual(["whsec_a"]);
  });

  it("whose secret's value cannot be fetched for another reason is one whose keys are out of reach", async () => {
    secrets.on(GetSecretValueCommand).rejects(withoutValue);
    const keys = keysOf();
    await keys.of("1");
    secrets.on(GetSecretValueCommand).rejects(new Error("out of reach"));

    pass(301);

    await expect(keys.of("1")).rejects.toThrow(KeysUnavailableError);
    expect(onFailure).toHaveBeenCalledTimes(1);
  });

  it("is not taken for one whose secret is gone", async () => {
    const keys = keysOf();
    await keys.of("1");
    secrets.on(GetSecretValueCommand).rejects(withoutValue);

    pass(26);

    expect(await keys.of("1")).toEqual(["whsec_a"]);
    expect(onFailure).toHaveBeenCalledTimes(1);
  });
});
