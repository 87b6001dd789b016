import { BlockList, isIPv6 } from "node:net";

import type { MiddlewareObj } from "@middy/core";

import { RejectedError } from "./problem.ts";
import type { Request } from "./request.ts";

function blocksOf(sources: readonly string[]): BlockList {
  const blocks = new BlockList();
  for (const source of sources) {
    const [address = "", prefix] = source.split("/");
    blocks.addSubnet(address, Number(prefix), isIPv6(address) ? "ipv6" : "ipv4");
  }
  return blocks;
}

/**
 * Lets in only who calls from one of the stage's CIDR blocks, before anything else is looked at.
 *
 * @param sources CIDR blocks; none means any source.
 */
export function allowSources(sources: readonly string[]): MiddlewareObj<Request> {
  const blocks = blocksOf(sources);
  return {
    before({ event }) {
      const address = event.requestContext.http.sourceIp;
      if (sources.length > 0 && !blocks.check(address, isIPv6(address) ? "ipv6" : "ipv4")) {
        throw new RejectedError("SourceNotAllowed");
      }
    },
  };
}
