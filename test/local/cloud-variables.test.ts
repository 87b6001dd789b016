import { describe, expect, it } from "@jest/globals";

import type { Cloud } from "../../local/emulator/cloud.ts";
import { environmentCommands } from "../../local/cloud-variables.ts";

const cloud: Cloud = {
  endpoint: "http://127.0.0.1:4566",
  region: "us-east-1",
  accessKeyId: "000000000000",
  secretAccessKey: "local",
  stage: "local",
  ingestUrl: "http://127.0.0.1:4566/ingest",
  tableName: "the-agents",
  busName: "the-bus",
  accounts: [],
  freshdeskOrigin: "http://127.0.0.1:40123",
  pid: 1,
  logFile: "log",
};

describe("the environment of the local cloud", () => {
  it("is complete, and unsets variables that would take precedence", () => {
    expect(environmentCommands(cloud)).toEqual([
      "unset AWS_PROFILE",
      "unset AWS_SESSION_TOKEN",
      "unset AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
      "export AWS_ENDPOINT_URL=http://127.0.0.1:4566",
      "export AWS_REGION=us-east-1",
      "export AWS_DEFAULT_REGION=us-east-1",
      "export AWS_ACCESS_KEY_ID=000000000000",
      "export AWS_SECRET_ACCESS_KEY=local",
      "export LOCAL_FRESHDESK_ORIGIN=http://127.0.0.1:40123",
    ]);
  });
});
