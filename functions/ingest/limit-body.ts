import { isUtf8 } from "node:buffer";

import type { MiddlewareObj } from "@middy/core";

import { RejectedError } from "./problem.ts";
import type { Request } from "./request.ts";

/** Size limit of the decoded body. The relay sends at most 96 KB. */
const MAX_BODY_BYTES = 128 * 1024;

/**
 * Decodes the body, and rejects one of more than 128 KiB. A body that is not UTF-8 cannot have a valid
 * signature: read as text, it could equal another body, which was signed.
 */
export function limitBody(): MiddlewareObj<Request> {
  return {
    before({ event }) {
      const encoding = event.isBase64Encoded ? "base64" : "utf8";
      const body = Buffer.from(event.body ?? "", encoding);
      if (body.byteLength > MAX_BODY_BYTES) {
        throw new RejectedError("TooLarge");
      }
      if (!isUtf8(body)) {
        throw new RejectedError("Unauthenticated");
      }
      event.rawBody = body.toString("utf8");
    },
  };
}
