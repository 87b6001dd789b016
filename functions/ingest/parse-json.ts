import type { MiddlewareObj } from "@middy/core";

import { RejectedError } from "./problem.ts";
import type { Request } from "./request.ts";

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const issues = [{ path: "body", message: "must be JSON" }];
    throw new RejectedError("Malformed", { issues, cause });
  }
}

/** Parses the body as JSON, whatever its content type. */
export function parseJson(): MiddlewareObj<Request> {
  return {
    before({ event }) {
      event.json = parse(event.rawBody ?? "");
    },
  };
}
