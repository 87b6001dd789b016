import { BlockList, isIPv6 } from "node:net";

import type { MiddlewareObj } from "@middy/core";

import { RejectedError } from "./problem.ts";
import type { Request } from "./request.ts";

function blockListOf(cidrBlocks: readonly string[]): BlockList {
  const blocks = new BlockList();
  for (const cidrBlock of cidrBlocks) {
    const [address = "", prefix] = cidrBlock.split("/");
    blocks.addSubnet(address, Number(prefix), isIPv6(address) ? "ipv6" : "ipv4");
  }
  return blocks;
}

/**
 * Rejects requests from addresses outside the stage's CIDR blocks.
 *
 * @param cidrBlocks an empty list allows every address.
 */
export function allowSources(cidrBlocks: readonly string[]): MiddlewareObj<Request> {
  const blocks = blockListOf(cidrBlocks);
  return {
    before({ event }) {
      const address = event.requestContext.http.sourceIp;
      if (cidrBlocks.length > 0 && !blocks.check(address, isIPv6(address) ? "ipv6" : "ipv4")) {
        throw new RejectedError("SourceNotAllowed");
      }
    },
  };
}
