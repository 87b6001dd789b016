import type { MiddlewareObj } from "@middy/core";

import { RejectedError } from "./problem.ts";
import type { Request } from "./request.ts";

/** Parses the body as JSON, whatever its content type. */
export function parseJson(): MiddlewareObj<Request> {
  return {
    before({ event }) {
      try {
        event.json = JSON.parse(event.rawBody ?? "");
      } catch (cause) {
        const issues = [{ path: "body", message: "must be JSON" }];
        throw new RejectedError("Malformed", { issues, cause });
      }
    },
  };
}
