import type { MiddlewareObj } from "@middy/core";

import { isReserved } from "../availability/reserved.ts";
import { accountIdOf, type Request } from "./request.ts";

/** Version of the relay in this release: `relay/server/lib/version.js`. */
export const RELAY_VERSION = "1.1.0";

const VERSION = /^\d{1,6}(\.\d{1,6}){2}$/;

function parseVersion(version: string): number[] | undefined {
  return VERSION.test(version) ? version.split(".").map(Number) : undefined;
}

/** Returns whether a relay is older than the one in this release. A version that cannot be parsed counts as older. */
function isOldRelay(version: string | undefined): boolean {
  const parts = parseVersion(version ?? "");
  const known = parseVersion(RELAY_VERSION) ?? [];
  const differing = known.findIndex((part, index) => part !== parts?.[index]);
  return differing >= 0 && (parts?.[differing] ?? -1) < (known[differing] ?? 0);
}

/**
 * Reports authenticated requests of old relays, which are processed like any other. Deployment checks, which use
 * a reserved account, are not relays.
 */
export function reportOldRelays(onOld: () => void): MiddlewareObj<Request> {
  return {
    before({ event }) {
      if (!isReserved(accountIdOf(event)) && isOldRelay(event.headers["x-relay-version"])) {
        onOld();
      }
    },
  };
}
