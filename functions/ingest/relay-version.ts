import type { MiddlewareObj } from "@middy/core";

import { isReserved } from "../availability/reserved.ts";
import { accountIdOf, type Request } from "./request.ts";

/** The version of the relay that belongs to this release: `relay/server/lib/version.js`. */
export const RELAY_VERSION = "1.0.0";

const PART = /^\d{1,6}$/;

function partsOf(version: string): number[] | undefined {
  const parts = version.split(".");
  return parts.length === 3 && parts.every((part) => PART.test(part))
    ? parts.map(Number)
    : undefined;
}

/** Whether a relay is older than this release's. One that does not say, or not in three numbers, is. */
function isOldRelay(version: string | undefined): boolean {
  const parts = partsOf(version ?? "");
  const known = partsOf(RELAY_VERSION) ?? [];
  const differing = known.findIndex((part, index) => part !== parts?.[index]);
  return differing >= 0 && (parts?.[differing] ?? -1) < (known[differing] ?? 0);
}

/**
 * Sees whether a relay is old, once it is known to be one of ours. It is served all the same. Whoever sends
 * for an account of the hub's own is no relay: each release is tried so.
 */
export function noticeOldRelay(onOld: () => void): MiddlewareObj<Request> {
  return {
    before({ event }) {
      if (!isReserved(accountIdOf(event)) && isOldRelay(event.headers["x-relay-version"])) {
        onOld();
      }
    },
  };
}
