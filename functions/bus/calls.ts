import type { Entry } from "./entry.ts";

/** PutEvents takes 10 entries. */
const MOST_ENTRIES = 10;

/**
 * The most bytes of a call, and so of an entry. EventBridge takes 256 KB by its own count, of which
 * some is left for what it adds to each event.
 */
const MOST_BYTES = 240 * 1024;

/** Whether no call could ever carry an entry. */
export function isTooLarge({ bytes }: Entry): boolean {
  return bytes > MOST_BYTES;
}

/** Divides entries into calls of at most 10 entries and 240 KB, in their order. */
export function callsOf(entries: readonly Entry[]): Entry[][] {
  const calls: Entry[][] = [];
  let current: Entry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    if (current.length === MOST_ENTRIES || bytes + entry.bytes > MOST_BYTES) {
      calls.push(current);
      [current, bytes] = [[], 0];
    }
    current.push(entry);
    bytes += entry.bytes;
  }
  return [...calls, current].filter((call) => call.length > 0);
}
