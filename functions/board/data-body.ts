import { createHash } from "node:crypto";

/** Data as the response's body, and the body's ETag. */
export interface DataBody {
  readonly body: string;
  readonly etag: string;
}

/** Returns data as JSON. */
export function dataBody(data: object): DataBody {
  const body = JSON.stringify(data);
  const hash = createHash("sha256").update(body).digest("base64url");
  return { body, etag: `"${hash}"` };
}

/** Reads data of an account. */
export type AccountReader = (accountId: string) => Promise<DataBody>;

/** Returns a reader whose callers share each reading for a time. A failed reading is not kept. */
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
