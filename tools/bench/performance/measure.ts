import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

import * as z from "zod";

/** Where the functions believe AWS to be, and how they come to trust it. */
export interface Stub {
  readonly environment: Readonly<Record<string, string>>;
  readonly process: ChildProcess;
}

/** Starts AWS's stand-in on loopback. It ends with this process, or with `process.disconnect()`. */
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

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  let text = "";
  for await (const part of stream) {
    text += String(part);
  }
  return text;
}

/**
 * Runs a program in a fresh process that has nothing of this one's environment, and reads what it says.
 *
 * @throws Error with what it wrote, when it ends otherwise than well.
 */
async function said(args: readonly string[], stub: Stub): Promise<unknown> {
  const child = spawn(process.execPath, args, {
    env: stub.environment,
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  const result = child.stdio[3];
  if (!(result instanceof Readable && child.stderr)) {
    throw new Error("a process without its fourth pipe");
  }
  const ended = once(child, "exit");
  const [written, text] = await Promise.all([textOf(child.stderr), textOf(result)]);
  await ended;
  if (child.exitCode !== 0 || text === "") {
    throw new Error(
      `${args.join(" ")} ended with ${child.exitCode ?? child.signalCode ?? "nothing"}: ${written}`,
    );
  }
  return JSON.parse(text);
}

const coldSchema = z.object({
  /** What was not done is cheap. */
  answer: z.object({
    statusCode: z.literal(200).optional(),
    batchItemFailures: z.array(z.never()).optional(),
  }),
  boot: z.number(),
  init: z.number(),
  first: z.number(),
  /** Of the clock. */
  firstMs: z.number(),
  warmMs: z.array(z.number()),
});

/** Milliseconds, of CPU if it is not said otherwise. */
export type Cold = z.output<typeof coldSchema>;

const coldRun = fileURLToPath(new URL("cold-run.mjs", import.meta.url));

/** A control group that a process joins after init, and how often it is called there once it is warm. */
export interface Throttle {
  readonly group: string;
  readonly warmCalls: number;
}

/** One cold start and its first call, and those after it if it is throttled. */
export async function runCold(
  file: string,
  eventFile: string,
  stub: Stub,
  throttle?: Throttle,
): Promise<Cold> {
  const then = throttle ? [throttle.group, String(throttle.warmCalls)] : [];
  return coldSchema.parse(await said([coldRun, file, eventFile, ...then], stub));
}

const turnsSchema = z.record(
  z.string(),
  z.array(z.object({ cpu: z.number(), wall: z.number() })).min(1),
);

/** Microseconds for each call, turn by turn, by what was called. */
export type Turns = z.output<typeof turnsSchema>;

/** Warm calls, turn by turn in one process. */
export async function runWarm(
  file: string,
  rounds: number,
  eventFile: string,
  stub: Stub,
): Promise<Turns> {
  return turnsSchema.parse(await said([file, String(rounds), eventFile], stub));
}
