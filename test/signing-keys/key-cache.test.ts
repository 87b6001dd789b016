import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { type SinonFakeTimers, useFakeTimers } from "sinon";

import { createKeyCache, KeysUnavailableError } from "../../functions/signing-keys/key-cache.ts";
import { aSecretText } from "../../tools/fakes/signing-keys.ts";

const keyOf = (letter: string) => `whsec_${Buffer.alloc(24, letter).toString("base64")}`;
const [A, B] = [keyOf("a"), keyOf("b")];

const secrets = mockClient(SecretsManagerClient);
const onFetchFailed = jest.fn();
const onMalformed = jest.fn();

const holding = (keys: Readonly<Record<string, readonly string[]>>) => ({
  SecretString: aSecretText(keys),
});
const fetches = () => secrets.commandCalls(GetSecretValueCommand).length;

function aCache() {
  return createKeyCache(new SecretsManagerClient(), "arn:keys", { onFetchFailed, onMalformed });
}

let clock: SinonFakeTimers;

/** Advances the clock, without waiting. */
function advanceClock(seconds: number): void {
  clock.setSystemTime(Date.now() + seconds * 1000);
}

beforeEach(() => {
  clock = useFakeTimers({ now: Date.now(), toFake: ["Date"] });
  secrets.reset();
  secrets.on(GetSecretValueCommand).resolves(holding({ "1": [A] }));
  onFetchFailed.mockReset();
  onMalformed.mockReset();
});

afterEach(() => {
  clock.restore();
});

describe("the key cache", () => {
  it("fetches the secret by its ARN, once for all accounts", async () => {
    const cache = aCache();

    expect(await cache.of("1")).toEqual({ current: A });
    expect(await cache.of("2")).toBeUndefined();
    expect(await cache.of("toString")).toBeUndefined();
    expect(secrets.commandCalls(GetSecretValueCommand).map((call) => call.args[0].input)).toEqual([
      { SecretId: "arn:keys" },
    ]);
    expect(onMalformed).not.toHaveBeenCalled();
  });

  it("fetches again after 25 seconds, so that a new or retired key takes effect within 30", async () => {
    const cache = aCache();
    await cache.of("1");
    secrets.on(GetSecretValueCommand).resolves(holding({ "1": [B, A] }));

    advanceClock(24.9);
    expect(await cache.of("1")).toEqual({ current: A });
    advanceClock(0.1);
    expect(await cache.of("1")).toEqual({ current: B, previous: A });
    expect(fetches()).toBe(2);
  });

  it("uses a copy for 5 minutes while fetching fails, retries after a second and reports each failure", async () => {
    const cache = aCache();
    await cache.of("1");
    const failure = new Error("unreachable");
    secrets.on(GetSecretValueCommand).rejects(failure);

    advanceClock(26);
    expect(await cache.of("1")).toEqual({ current: A });
    advanceClock(0.9);
    expect(await cache.of("1")).toEqual({ current: A });
    expect(onFetchFailed.mock.calls).toEqual([[failure]]);
    advanceClock(0.1);
    expect(await cache.of("1")).toEqual({ current: A });
    expect(onFetchFailed).toHaveBeenCalledTimes(2);
    advanceClock(300 - 27);
    expect(await cache.of("1")).toEqual({ current: A });
    advanceClock(1);
    await expect(cache.of("1")).rejects.toThrow(KeysUnavailableError);
    await expect(cache.of("1")).rejects.toMatchObject({ name: "KeysUnavailableError" });
  });

  it("uses a copy that is exactly 5 minutes old, without a fetch, right after a fetch that failed", async () => {
    const cache = aCache();
    await cache.of("1");
    secrets.on(GetSecretValueCommand).rejects(new Error("unreachable"));
    advanceClock(299.5);
    await cache.of("1");

    advanceClock(0.5);

    expect(await cache.of("1")).toEqual({ current: A });
    expect(onFetchFailed).toHaveBeenCalledTimes(1);
  });

  it("limits the duration of a fetch", async () => {
    await aCache().of("1");

    expect(secrets.commandCalls(GetSecretValueCommand)[0]?.args).toEqual([
      expect.any(GetSecretValueCommand),
      { abortSignal: expect.any(AbortSignal) },
    ]);
  });

  it("fetches at most once a second while there is no usable copy", async () => {
    const cache = aCache();
    secrets.on(GetSecretValueCommand).rejects(new Error("unreachable"));

    await expect(cache.of("1")).rejects.toThrow("the signing keys could not be fetched");
    for (const seconds of [0, 0.5, 0.499]) {
      advanceClock(seconds);
      await expect(cache.of("1")).rejects.toThrow(KeysUnavailableError);
    }
    expect(fetches()).toBe(1);
    expect(onFetchFailed).toHaveBeenCalledTimes(1);

    secrets.on(GetSecretValueCommand).resolves(holding({ "1": [A] }));
    advanceClock(0.001);
    expect(await cache.of("1")).toEqual({ current: A });
    expect(fetches()).toBe(2);
  });

  it("fetches at most once a second while its copy is too old, and recovers with the next fetch", async () => {
    const cache = aCache();
    await cache.of("1");
    secrets.on(GetSecretValueCommand).rejects(new Error("unreachable"));
    advanceClock(301);

    for (let tenths = 0; tenths < 20; tenths += 1) {
      await expect(cache.of("1")).rejects.toThrow(KeysUnavailableError);
      advanceClock(0.1);
    }
    expect(onFetchFailed).toHaveBeenCalledTimes(2);

    secrets.on(GetSecretValueCommand).resolves(holding({ "1": [B] }));
    expect(await cache.of("1")).toEqual({ current: B });
  });

  it("reports the accounts with malformed keys once per fetch, and serves the other keys", async () => {
    const cache = aCache();
    secrets
      .on(GetSecretValueCommand)
      .resolves(holding({ "1": ["whsec_!!!!", A], "2": [B], "3": ["whsec_YQ=="] }));

    expect(await cache.of("1")).toEqual({ previous: A });
    expect(await cache.of("2")).toEqual({ current: B });
    expect(await cache.of("3")).toEqual({});
    expect(onMalformed.mock.calls).toEqual([[["1", "3"]]]);
    expect(onFetchFailed).not.toHaveBeenCalled();

    advanceClock(25);
    await cache.of("1");
    expect(onMalformed).toHaveBeenCalledTimes(2);
  });

  it("reports a value that is not a JSON object as a failed fetch", async () => {
    secrets.on(GetSecretValueCommand).resolves({ SecretString: "whsec_c2VjcmV0" });

    await expect(aCache().of("1")).rejects.toThrow(KeysUnavailableError);
    expect(onFetchFailed).toHaveBeenCalledTimes(1);
    expect(onMalformed).not.toHaveBeenCalled();
  });
});

describe("on a stage without accounts, the key cache", () => {
  const withoutValue = new ResourceNotFoundException({ message: "no value", $metadata: {} });

  it.each([
    ["has no value", () => secrets.on(GetSecretValueCommand).rejects(withoutValue)],
    [
      "has a binary value",
      () => secrets.on(GetSecretValueCommand).resolves({ SecretBinary: new Uint8Array([1]) }),
    ],
    ["is empty", () => secrets.on(GetSecretValueCommand).resolves({ SecretString: "" })],
  ])("contains no account if the secret %s", async (_, arrange) => {
    arrange();

    expect(await aCache().of("1")).toBeUndefined();
    expect(onFetchFailed).not.toHaveBeenCalled();
  });

  it("does not fetch more often than on other stages until the first account is added", async () => {
    secrets.on(GetSecretValueCommand).rejects(withoutValue);
    const cache = aCache();

    for (const seconds of [0, 24.9, 0.1, 24.9, 251.1]) {
      advanceClock(seconds);
      expect(await cache.of("1")).toBeUndefined();
    }
    expect(fetches()).toBe(3);
    expect(onFetchFailed).not.toHaveBeenCalled();

    secrets.on(GetSecretValueCommand).resolves(holding({ "1": [A] }));
    advanceClock(25);
    expect(await cache.of("1")).toEqual({ current: A });
  });

  it("is unavailable if fetching then fails for another reason", async () => {
    secrets.on(GetSecretValueCommand).rejects(withoutValue);
    const cache = aCache();
    await cache.of("1");
    secrets.on(GetSecretValueCommand).rejects(new Error("unreachable"));

    advanceClock(301);

    await expect(cache.of("1")).rejects.toThrow(KeysUnavailableError);
    expect(onFetchFailed).toHaveBeenCalledTimes(1);
  });

  it("reports a failed fetch if the secret had accounts before, and uses its copy", async () => {
    const cache = aCache();
    await cache.of("1");
    secrets.on(GetSecretValueCommand).rejects(withoutValue);

    advanceClock(26);

    expect(await cache.of("1")).toEqual({ current: A });
    expect(onFetchFailed.mock.calls).toEqual([
      [new Error("the signing-key secret was deleted or has no value")],
    ]);
  });
});
