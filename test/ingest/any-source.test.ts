import { expect, it } from "@jest/globals";

import { aPayload } from "../../tools/fakes/payload.ts";
import { aRequest, KEY } from "../../tools/fakes/request.ts";
import { anIngestHandler } from "../builders/ingest-handler.ts";

it("accepts a signed request from any address on a stage without allowedSources", async () => {
  const hub = await anIngestHandler({ "11010177632": [KEY] });

  for (const sourceIp of ["1.1.1.1", "2001:db9::1"]) {
    expect((await hub.call(aRequest(aPayload(), { sourceIp }))).status).toBe(200);
  }
});
