import { isUtf8 } from "node:buffer";

import type { MiddlewareObj } from "@middy/core";

import { RejectedError } from "./problem.ts";
import type { Request } from "./request.ts";

/** The largest decoded body. DynamoDB would take more; nothing that Freshworks may send needs it. */
const MOST_BYTES = 128 * 1024;

/**
 * Takes the body as it was sent, and refuses one of over 128 KiB. One that is not UTF-8 cannot be signed:
 * read as text, its bytes would pass for others that somebody has signed.
 */
export function limitBody(): MiddlewareObj<Request> {
  return {
    before({ event }) {
      const encoding = event.isBase64Encoded ? "base64" : "utf8";
      const body = Buffer.from(event.body ?? "", encoding);
      if (body.byteLength > MOST_BYTES) {
        throw new RejectedError("TooLarge");
      }
      if (!isUtf8(body)) {
        throw new RejectedError("Unauthenticated");
      }
      event.rawBody = body.toString("utf8");
    },
  };
}
