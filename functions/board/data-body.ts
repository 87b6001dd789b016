import { createHash } from "node:crypto";

/** The body of a response, and its ETag. */
export interface DataBody {
  readonly body: string;
  readonly etag: string;
}

export const etagOf = (content: string | Uint8Array): string =>
  `"${createHash("sha256").update(content).digest("base64url")}"`;

/** Serializes data as JSON and computes its ETag. */
export function dataBody(data: object): DataBody {
  const body = JSON.stringify(data);
  return { body, etag: etagOf(body) };
}

export type AccountReader = (accountId: string) => Promise<DataBody>;

/** Returns a reader that caches each reading of an account for `maxAgeMs`. Failed readings are not cached. */
export function shareReadings(
  read: AccountReader,
  maxAgeMs: number,
  now: () => number = Date.now,
): AccountReader {
  const readings = new Map<string, { readonly at: number; readonly body: Promise<DataBody> }>();

  return async (accountId) => {
    const known = readings.get(accountId);
    if (known !== undefined && now() - known.at < maxAgeMs) {
      return await known.body;
    }
    const reading = { at: now(), body: read(accountId) };
    readings.set(accountId, reading);
    try {
      return await reading.body;
    } catch (error) {
      readings.delete(accountId);
      throw error;
    }
  };
}
