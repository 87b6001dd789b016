import { hash } from "node:crypto";

import canonicalize from "canonicalize";

import type {
  AvailabilityChange,
  AvailabilityContent,
  SessionChange,
} from "../availability/change.ts";

/** 128 bits of a SHA-256 distinguish any two changes of one agent at one instant. */
const HASH_BYTES = 16;

/**
 * Returns the hash of the facts that a change reports: the first 128 bits, base64url without padding, of the
 * SHA-256 of their canonical JSON (RFC 8785). Unknown values are not part of it.
 *
 * The hash is stored and part of the order of changes, so another canonical form would be a breaking change.
 */
export function contentHash(content: Partial<AvailabilityContent>): string {
  const { name, email, loggedIn, status, channels, actor } = content;
  const canonical = canonicalize({ name, email, loggedIn, status, channels, actor }) ?? "";
  return hash("sha256", canonical, "buffer").subarray(0, HASH_BYTES).toString("base64url");
}

/** Sorts before every character of base64url. */
const INCOMPLETE_PREFIX = "!";

/**
 * Returns the last part of a change's order. An incomplete copy of an event is older than the complete copy,
 * so it never replaces the complete one, whichever arrives first.
 */
export function orderHash(change: AvailabilityChange | SessionChange): string {
  const isIncomplete = "isIncomplete" in change && change.isIncomplete === true;
  return `${isIncomplete ? INCOMPLETE_PREFIX : ""}${contentHash(change.content)}`;
}
