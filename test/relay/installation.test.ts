import { beforeEach, describe, expect, it } from "@jest/globals";
import { Webhook } from "standardwebhooks";

import { KEY } from "../../tools/fakes/request.ts";
import { ACCOUNT, aRelay, json, ok, payloadOf, type Relay, respondWith } from "./a-relay.ts";

const UNREACHABLE = "The hub could not be reached. Check the host.";
const NOT_THE_HUB = "This host is not the hub. Check the host.";

let relay: Relay;

beforeEach(() => {
  relay = aRelay();
});

describe("the installation", () => {
  it("pings the hub with an empty batch", async () => {
    expect(await relay.platform.install()).toBeUndefined();
    expect(relay.bodies()).toEqual([{ events: [] }]);
    expect(relay.ids()[0]).toBe(`ping_${relay.clock}`);
    expect(relay.platform.log).toEqual([
      { level: "info", text: "Installed. Freshdesk account ID: not provided by the platform." },
    ]);
  });

  it.each([ACCOUNT, Number(ACCOUNT)])(
    "sends and logs the account ID if the platform provides it (%j)",
    async (account_id) => {
      expect(await relay.platform.install({ account_id })).toBeUndefined();
      expect(relay.bodies()).toEqual([{ events: [], accountId: ACCOUNT }]);
      expect(relay.logged()).toEqual([`Installed. Freshdesk account ID: ${ACCOUNT}.`]);
    },
  );

  it.each([null, "", "acme", 1e30])("does not send %j as an account ID", async (account_id) => {
    expect(await relay.platform.install({ account_id })).toBeUndefined();
    expect(relay.bodies()).toEqual([{ events: [] }]);
  });

  it("accepts a signing key that was pasted with whitespace around it", async () => {
    relay = aRelay({ settings: { signing_key: ` ${KEY}\n` } });

    expect(await relay.platform.install()).toBeUndefined();
    const [{ request } = { request: undefined }] = relay.platform.requests;
    expect(() =>
      new Webhook(KEY).verify(request?.body ?? "", { ...request?.headers }),
    ).not.toThrow();
  });

  it.each([
    [400, "The hub rejected the request. Update the relay."],
    [401, "The hub rejected the signing key. Paste it again."],
    [403, "The hub does not accept requests from this address."],
    [404, "The path was not found. Paste it again."],
    [429, "Too many requests. Try again in a minute."],
    [500, "The hub is temporarily unavailable. Try again later."],
    [503, "The hub is temporarily unavailable. Try again later."],
  ])("is rejected with a message if the hub returns %d", async (status, message) => {
    relay.network = () => respondWith(status);

    expect(await relay.platform.install()).toBe(message);
    expect(relay.platform.log).toEqual([
      {
        level: "error",
        text: `Installation rejected: ${message} Freshdesk account ID: not provided by the platform.`,
      },
    ]);
  });

  it("is rejected with both account IDs if the path is for another account", async () => {
    relay = aRelay({ settings: { hub_path: "/v1/accounts/11010177633/availability-events" } });
    relay.network = () => respondWith(403);

    const message = await relay.platform.install({ account_id: ACCOUNT });

    expect(message).toBe(`Path is for account 11010177633, not account ${ACCOUNT}.`);
    expect(relay.logged()).toEqual([
      `Installation rejected: ${message} Freshdesk account ID: ${ACCOUNT}.`,
    ]);
  });

  it("is rejected without the account IDs if they do not fit into the platform's 60 characters", async () => {
    const hub_path = `/v1/accounts/${"1".repeat(20)}/availability-events`;
    relay = aRelay({ settings: { hub_path } });
    relay.network = () => respondWith(403);

    expect(await relay.platform.install({ account_id: ACCOUNT })).toBe(
      "The path is for another Freshdesk account.",
    );
  });

  it.each([
    ["200 without JSON", ok.headers, 200, "<html></html>", NOT_THE_HUB],
    ["200 with other JSON", json, 200, "{}", NOT_THE_HUB],
    ["400 without JSON", json, 400, "<html></html>", UNREACHABLE],
    ["400 that is not the hub's", json, 400, '{"message":"Bad"}', UNREACHABLE],
    ["401 that is not the hub's", json, 401, '{"message":"No"}', UNREACHABLE],
    ["403 that is not the hub's", json, 403, '{"message":"Forbidden"}', UNREACHABLE],
  ])(
    "is rejected with a hint to check the host if the host returns %s",
    async (_, headers, status, body, message) => {
      relay.network = () => ({ status, headers, body });

      expect(await relay.platform.install()).toBe(message);
    },
  );

  it("is rejected temporarily if the platform accepts no more requests", async () => {
    for (let agent = 1; agent <= 50; agent += 1) {
      await relay.raise(payloadOf(agent, 1));
    }

    expect(await relay.platform.install()).toBe("Too many requests. Try again in a minute.");
  });

  it("is rejected if the hub cannot be reached or the host is not a domain name", async () => {
    relay.network = () => {
      throw new Error("ENOTFOUND");
    };

    expect(await relay.platform.install()).toBe(UNREACHABLE);
    relay = aRelay({ checksPatterns: false, settings: { hub_host: "not a host" } });
    expect(await relay.platform.install()).toBe(UNREACHABLE);
  });

  it.each(["", "secret", "whsec_", "whsec_%%%", `whsec_${"A".repeat(33)}`])(
    "is rejected for the invalid signing key %j",
    async (signing_key) => {
      relay = aRelay({ settings: { signing_key } });

      expect(await relay.platform.install()).toBe(
        "The signing key is invalid. It starts with whsec_.",
      );
      expect(relay.platform.requests).toHaveLength(0);
    },
  );
});

describe("the installation page", () => {
  const hostError =
    "Enter only the host, for example a1b2c3d4.execute-api.eu-central-1.amazonaws.com, without https:// and without a path.";
  const pathError =
    "Enter the path as it was printed, for example /v1/accounts/11010177632/availability-events.";

  it.each([
    ["hub_host", "https://abc.example.com", hostError],
    ["hub_host", "abc.example.com/", hostError],
    ["hub_host", " abc.example.com", hostError],
    ["hub_host", "127.0.0.1", hostError],
    ["hub_host", "localhost", hostError],
    ["hub_path", "v1/accounts/1/availability-events", pathError],
    ["hub_path", "/v1/accounts/acme.freshdesk.com/availability-events", pathError],
  ])("rejects %s %j and shows the correct format", (name, value, message) => {
    expect(() => aRelay({ settings: { [name]: value } })).toThrow(`${name}: ${message}`);
  });

  it.each(["hub.example", "events.Acme-Corp.com", "a1b2.execute-api.eu-central-1.amazonaws.com"])(
    "accepts the host %s",
    (hub_host) => {
      expect(() => aRelay({ settings: { hub_host } })).not.toThrow();
    },
  );
});
