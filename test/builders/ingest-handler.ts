import { DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { mockClient } from "aws-sdk-client-mock";

import type { Request } from "../../functions/ingest/request.ts";
import { aContext } from "../../tools/fakes/request.ts";
import { aSecretText } from "../../tools/fakes/signing-keys.ts";

/** A response of the handler, with its parsed body. */
export interface IngestResponse {
  readonly status: number | undefined;
  readonly headers: unknown;
  readonly json: {
    readonly detail?: string;
    readonly issues?: readonly { readonly path: string; readonly message: string }[];
    readonly results?: readonly {
      readonly availabilityId?: string;
      readonly outcome: string;
      readonly index?: number;
      readonly issues?: readonly { readonly path: string }[];
    }[];
  };
}

/** Account ID to its signing keys, the current one first. */
type Keys = Readonly<Record<string, readonly string[]>>;

/**
 * The real ingest handler with fake AWS clients. It is created once per test file, and captures the console
 * until the file ends.
 *
 * @param allowedSources CIDR blocks separated by spaces; empty allows any source.
 * @param withoutCustomStatuses the accounts without custom statuses.
 */
export async function anIngestHandler(
  keys: Keys,
  allowedSources = "",
  withoutCustomStatuses: readonly string[] = [],
) {
  const table = mockClient(DynamoDBClient);
  const secrets = mockClient(SecretsManagerClient);
  Object.assign(process.env, {
    STAGE: "test",
    TABLE_NAME: "agents",
    SIGNING_KEYS_SECRET_ARN: "arn:keys",
    ALLOWED_SOURCES: allowedSources,
    POWERTOOLS_DEV: "true",
    POWERTOOLS_METRICS_DISABLED: "false",
    AWS_REGION: "us-east-1",
  });
  let lines: string[] = [];
  for (const level of ["log", "info", "warn", "error"] as const) {
    console[level] = (...parts: unknown[]) => {
      const texts = parts.map((part) => (typeof part === "string" ? part : JSON.stringify(part)));
      lines.push(texts.join(" "));
    };
  }
  const holdKeys = (held: Keys) => {
    secrets
      .on(GetSecretValueCommand)
      .resolves({ SecretString: aSecretText(held, withoutCustomStatuses) });
  };
  const acceptWrites = () => {
    table.on(UpdateItemCommand).resolves({ Attributes: { version: { N: "1" } } });
  };
  const updates = () => table.commandCalls(UpdateItemCommand).map((each) => each.args[0].input);
  holdKeys(keys);
  acceptWrites();
  const { handler } = await import("../../functions/ingest/handler.ts");
  const atStart = {
    fetches: secrets.commandCalls(GetSecretValueCommand).length,
    keysWritten: updates().map((input) => input.Key),
  };
  const isMetric = (line: string) => line.includes('"_aws"');

  return {
    handler,
    table,
    secrets,
    /** Calls before the first request. */
    atStart,
    holdKeys,
    /** Accepts every write again, and clears the recorded writes and lines. */
    reset(): void {
      table.reset();
      acceptWrites();
      lines = [];
    },
    async call(request: Request, context = aContext()): Promise<IngestResponse> {
      const response = await handler(request, context);
      return {
        status: response.statusCode,
        headers: response.headers,
        json: JSON.parse(response.body ?? "") as IngestResponse["json"],
      };
    },
    /** The writes since the last reset. */
    writes: () => updates().filter((input) => input.Key?.["accountId"]?.S !== "_prewarm"),
    /** Every line since the last reset. */
    lines: () => lines,
    /** The log lines among them. */
    logged: () => lines.filter((line) => !isMetric(line)),
    /** Names and values of the metrics among them. */
    metrics(): Record<string, unknown> {
      const emitted = lines.filter(isMetric).map((line) => JSON.parse(line) as object);
      return Object.assign({}, ...emitted) as Record<string, unknown>;
    },
  };
}

export type IngestHandler = Awaited<ReturnType<typeof anIngestHandler>>;
