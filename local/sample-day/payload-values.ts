/** Reads the values of a payload as the hub must: docs/use/api.md, "How values are read". */
import { createHash } from "node:crypto";

import { canonicalJson, type Json, asObject } from "./json.ts";

export function readText(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function readId(value: unknown): string | undefined {
  if (typeof value === "number") {
    return Number.isSafeInteger(value) ? String(value) : undefined;
  }
  return readText(value);
}

export function readTime(value: unknown): string | undefined {
  const written = readText(value)?.replace(/^(\S+) (\S+) UTC$/, "$1T$2Z");
  const milliseconds = written === undefined ? Number.NaN : Date.parse(written);
  return Number.isNaN(milliseconds) ? undefined : new Date(milliseconds).toISOString();
}

export function readBoolean(value: unknown): boolean | undefined {
  if (value === true || value === "true") {
    return true;
  }
  return value === false || value === "false" ? false : undefined;
}

/** Returns an envelope's timestamp in epoch microseconds; undefined if it is not a number. */
export function readMicroseconds(timestamp: unknown): number | undefined {
  const secondsOrMs = Number(timestamp ?? Number.NaN);
  return Number.isFinite(secondsOrMs)
    ? Math.round(secondsOrMs * (secondsOrMs < 1e11 ? 1e6 : 1e3))
    : undefined;
}

/** Returns the host name of the account that raised an event. */
export function domainIn(payload: Json): string | undefined {
  const host = asObject(asObject(payload["currentHost"])["endpoint_urls"])["freshdesk"];
  return (readText(host) ?? readText(payload["domain"]))?.replace(/^https:\/\//, "");
}

/** Returns the content hash of an event's values. */
export function contentHashOf(content: Json): string {
  const digest = createHash("sha256").update(canonicalJson(content)).digest();
  return digest.subarray(0, 16).toString("base64url");
}
