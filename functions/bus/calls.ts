import type { Entry } from "./entry.ts";

/** PutEvents accepts at most 10 entries. */
const MAX_ENTRIES = 10;

/**
 * Size limit of a call, and so of an entry. EventBridge accepts 256 KB by its own count. The difference is
 * a reserve for the fields that it adds to each event.
 */
const MAX_BYTES = 240 * 1024;

/** Returns whether an entry is over the size limit of every call. */
export function isTooLarge({ bytes }: Entry): boolean {
  return bytes > MAX_BYTES;
}

/** Divides entries into calls of at most 10 entries and 240 KB, in their order. */
export function callsOf(entries: readonly Entry[]): Entry[][] {
  const calls: Entry[][] = [];
  let current: Entry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    if (current.length === MAX_ENTRIES || bytes + entry.bytes > MAX_BYTES) {
      calls.push(current);
      [current, bytes] = [[], 0];
    }
    current.push(entry);
    bytes += entry.bytes;
  }
  return [...calls, current].filter((call) => call.length > 0);
}
