import { DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { mockClient } from "aws-sdk-client-mock";

import type { Request } from "../../functions/ingest/request.ts";
import { aContext } from "../../tools/fakes/request.ts";
import { aSecretText } from "../../tools/fakes/signing-keys.ts";

interface Answered {
  readonly status: number | undefined;
  readonly type: unknown;
  readonly json: {
    readonly issues?: readonly { readonly path: string; readonly message: string }[];
    readonly results?: readonly {
      readonly availabilityId?: string;
      readonly outcome: string;
      readonly index?: number;
      readonly issues?: readonly { readonly path: string }[];
    }[];
  };
}

/**
 * The real ingest handler, on a stage that lists no sources, with a table that takes every write. It is
 * made once for a test file, and silences the console for good.
 *
 * @param keys account id to its signing keys.
 */
export async function anIngestHandler(keys: Readonly<Record<string, readonly string[]>>) {
  const table = mockClient(DynamoDBClient);
  const secrets = mockClient(SecretsManagerClient);
  Object.assign(process.env, {
    STAGE: "test",
    TABLE_NAME: "agents",
    SIGNING_KEYS_SECRET_ARN: "arn:keys",
    ALLOWED_SOURCES: "",
    POWERTOOLS_DEV: "true",
    AWS_REGION: "us-east-1",
  });
  const silence = () => undefined;
  Object.assign(console, { log: silence, info: silence, warn: silence, error: silence });
  secrets.on(GetSecretValueCommand).resolves({ SecretString: aSecretText(keys) });
  table.on(UpdateItemCommand).resolves({ Attributes: { version: { N: "1" } } });
  const { handler } = await import("../../functions/ingest/handler.ts");
  table.resetHistory();

  return {
    async call(request: Request): Promise<Answered> {
      const answer = await handler(request, aContext());
      return {
        status: answer.statusCode,
        type: answer.headers?.["content-type"],
        json: JSON.parse(answer.body ?? "") as Answered["json"],
      };
    },
    /** What was asked of the table since it was last forgotten. */
    writes: () => table.commandCalls(UpdateItemCommand).map((each) => each.args[0].input),
    forgetWrites(): void {
      table.resetHistory();
    },
  };
}
