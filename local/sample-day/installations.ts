import { join } from "node:path";

import { root } from "../../tools/run/paths.ts";
import type { Cloud } from "../emulator/cloud.ts";
import { relayParameters } from "../freshworks-platform/iparams.ts";
import { sendTo } from "../freshworks-platform/network.ts";
import {
  createFreshworksPlatform,
  type FreshworksPlatform,
} from "../freshworks-platform/platform.ts";
import type { ResponseCheck } from "./response-check.ts";
import type { HubState } from "./story.ts";

/** The connection of all relays to the hub, and the time by which requests are counted. The day changes both. */
export interface Connection {
  hub: HubState;
  limitsClock: number;
}

/** The relay, installed in each account of the local cloud. */
export interface Installations {
  /** Installs the relays. @throws Error if one rejects its installation. */
  readonly install: () => Promise<void>;
  readonly raise: (accountId: string, event: string, payload: object) => Promise<void>;
  /** Fires all schedules. @returns how many fired. */
  readonly fireSchedules: () => Promise<number>;
  /** Returns the lines of all relays' logs. */
  readonly log: () => string[];
}

function createPlatform(
  { ingestUrl }: Cloud,
  account: Cloud["accounts"][number],
  connection: Connection,
  responses: ResponseCheck,
): FreshworksPlatform {
  const sendToHub = sendTo(ingestUrl);
  return createFreshworksPlatform({
    appFolder: join(root, "relay"),
    iparams: relayParameters({ ingestUrl, ...account }),
    limitsNow: () => connection.limitsClock,
    send: async (request) => {
      if (connection.hub === "unreachable") {
        throw new Error("the hub is unreachable");
      }
      const response = await sendToHub(request);
      responses.check(request, response);
      if (connection.hub === "losing a response") {
        connection.hub = "reachable";
        throw new Error("the response was lost");
      }
      return response;
    },
  });
}

/** Creates a relay for each account. They share the connection to the hub. */
export function createInstallations(
  cloud: Cloud,
  connection: Connection,
  responses: ResponseCheck,
): Installations {
  const platforms = new Map(
    cloud.accounts.map((account) => [
      account.accountId,
      createPlatform(cloud, account, connection, responses),
    ]),
  );
  return {
    install: async () => {
      for (const platform of platforms.values()) {
        const rejection = await platform.install();
        if (rejection !== undefined) {
          throw new Error(`the relay rejected its installation: ${rejection}`);
        }
      }
    },
    raise: async (accountId, event, payload) => {
      const platform = platforms.get(accountId);
      if (platform === undefined) {
        throw new Error(`the local cloud has no signing key for account ${accountId}`);
      }
      await platform.raise(event, payload);
    },
    fireSchedules: async () => {
      let fired = 0;
      for (const platform of platforms.values()) {
        fired += await platform.fireSchedules({ ahead: true });
      }
      return fired;
    },
    log: () => [...platforms.values()].flatMap(({ log }) => log.map(({ text }) => text)),
  };
}
