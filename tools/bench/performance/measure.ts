import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import * as z from "zod";

/** A local HTTPS server that stands in for AWS, and the environment with which a function calls it. */
export interface Stub {
  readonly environment: Readonly<Record<string, string>>;
  readonly process: ChildProcess;
}

/** Starts the server in a process of its own, which ends with this process or on `process.disconnect()`. */
export async function startStub(pem: string, signingKey: string, delayMs = 0): Promise<Stub> {
  const child = fork(fileURLToPath(new URL("stub.ts", import.meta.url)), [
    pem,
    signingKey,
    String(delayMs),
  ]);
  const message: unknown[] = await once(child, "message");
  return {
    process: child,
    environment: {
      AWS_ENDPOINT_URL: `https://127.0.0.1:${Number(message[0])}`,
      NODE_EXTRA_CA_CERTS: pem,
      AWS_REGION: "eu-central-1",
      AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
      AWS_SECRET_ACCESS_KEY: "example",
      STAGE: "bench",
      TABLE_NAME: "agents",
      SIGNING_KEYS_SECRET_ARN: "arn:aws:secretsmanager:eu-central-1:123456789012:secret:keys-1",
      ALLOWED_SOURCES: "",
      BUS_NAME: "bus",
      DEAD_LETTER_QUEUE_URL: "https://sqs.eu-central-1.amazonaws.com/123456789012/dead-letters",
      PERSONAL_DATA_IN_EVENTS: "false",
    },
  };
}

/**
 * Runs a program in a new process with only the stub's environment, and returns its result.
 *
 * @throws Error with its error output if it fails.
 */
async function resultOf(args: readonly string[], stub: Stub): Promise<unknown> {
  const child = spawn(process.execPath, args, {
    env: stub.environment,
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  const result = child.stdio[3];
  if (!(result instanceof Readable && child.stderr)) {
    throw new Error("the process has no result pipe");
  }
  const ended = once(child, "exit");
  const [problems, json] = await Promise.all([text(child.stderr), text(result)]);
  await ended;
  if (child.exitCode !== 0 || json === "") {
    throw new Error(`${args.join(" ")} failed: ${problems}`);
  }
  return JSON.parse(json);
}

const coldRun = fileURLToPath(new URL("cold-run.mjs", import.meta.url));

const coldSchema = z.object({
  /** A call that failed must not count as a fast one. */
  response: z.object({
    statusCode: z.literal(200).optional(),
    batchItemFailures: z.array(z.never()).optional(),
  }),
  boot: z.number(),
  init: z.number(),
  first: z.number(),
});

/** Milliseconds of CPU of a cold start: starting Node, importing the handler, the first call. */
export type ColdStart = z.output<typeof coldSchema>;

/** Measures one cold start and its first call. */
export async function runCold(file: string, eventFile: string, stub: Stub): Promise<ColdStart> {
  return coldSchema.parse(await resultOf([coldRun, file, eventFile], stub));
}

const turnsSchema = z.record(
  z.string(),
  z.array(z.object({ cpu: z.number(), wall: z.number() })).min(1),
);

/** Microseconds per call: for each variant, one entry per turn. */
export type Turns = z.output<typeof turnsSchema>;

/** Measures warm calls, in turns within one process. */
export async function runWarm(
  file: string,
  rounds: number,
  eventFile: string,
  stub: Stub,
): Promise<Turns> {
  return turnsSchema.parse(await resultOf([file, String(rounds), eventFile], stub));
}

/** Returns the lower quartile, which other work on the machine affects least: it only ever adds time. */
export function lowerQuartile(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 4)] ?? Number.NaN;
}
