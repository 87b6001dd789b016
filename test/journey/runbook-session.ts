import { createHmac, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";

import { clientConfig } from "../../local/emulator/cloud.ts";
import { checksPrograms } from "../../tools/checks/python.ts";
import { aPayload } from "../../tools/fakes/payload.ts";
import { runCommand } from "../../tools/run/command.ts";
import { binFolder, localFolder, root } from "../../tools/run/paths.ts";
import { eventually } from "../builders/eventually.ts";
import type { Fault } from "../chaos/fault-proxy/fault-proxy.ts";
import { type Environment, startEnvironment } from "../chaos/environment.ts";
import { type AwsServer, startAwsServer } from "./aws-server.ts";

const page = readFileSync(join(root, "docs", "operate", "runbook.md"), "utf8");
const [helpers = ""] = commandsIn(page);

/** The functions read their clock at least this often. */
const CLOCK_INTERVAL_MS = 200;

/** Returns the command blocks of a part of the page. */
function commandsIn(text: string): string[] {
  return [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, commands = ""]) => commands);
}

/** A request as a relay sends it. */
interface PostOptions {
  /** @default "787096" */
  readonly agent?: string;
  /** No signature if empty. */
  readonly signingKey?: string;
  /** The account in the path. */
  readonly pathAccount?: string;
  /** The account in the body. */
  readonly bodyAccount?: string;
  readonly relayVersion?: string;
  /** Replaces the whole body. */
  readonly body?: object;
}

type FunctionLog = "ingest" | "publisher";

/** A local cloud on which an operator follows the runbook. */
export class RunbookSession {
  readonly environment: Environment;
  readonly account: string;
  signingKey: string;
  /** The variables of an operator's shell. */
  private readonly variables: NodeJS.ProcessEnv;
  private readonly aws: AwsServer;

  constructor(environment: Environment, programs: string) {
    const { accountId = "", signingKey = "" } = environment.accounts.get("runbook") ?? {};
    this.environment = environment;
    this.account = accountId;
    this.signingKey = signingKey;
    const { endpoint, region, accessKeyId, secretAccessKey, stage } = environment.cloud;
    this.variables = {
      PATH: `${binFolder}:${programs}:${process.env["PATH"] ?? ""}`,
      HOME: localFolder,
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
      AWS_PAGER: "",
      NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
      STAGE: stage,
      ACCOUNT: this.account,
    };
    // AWS CLI 1 ignores AWS_ENDPOINT_URL in its SQS commands.
    this.aws = startAwsServer(programs, ["--endpoint-url", endpoint], this.variables);
  }

  static async start(): Promise<RunbookSession> {
    const programs = await checksPrograms();
    const environment = await startEnvironment({
      accounts: [{ name: "runbook" }],
      logFile: join(localFolder, "runbook.log"),
      onStep: () => undefined,
      signal: new AbortController().signal,
    });
    return new RunbookSession(environment, programs);
  }

  async stop(): Promise<void> {
    await this.aws.stop();
    await this.environment.stop();
  }

  /**
   * Runs commands in bash, after the helpers at the top of the page.
   *
   * @returns their output. @throws Error if one of them fails.
   */
  async run(commands: string): Promise<string> {
    const local = [
      this.aws.bashFunction,
      // Starting npx takes longer than most commands.
      'npx() { shift; node bin/cli.mjs "$@"; }',
      "set -e -o pipefail\n",
    ].join("\n");
    const { code, output } = await runCommand("bash", ["-c", local + helpers + commands], {
      cwd: root,
      env: this.variables,
    });
    if (code !== 0) {
      throw new Error(`${commands} ended with ${code ?? "a signal"}: ${output}`);
    }
    return output;
  }

  /** Runs the commands of an entry that find the cause. */
  async runEntry(alarm: string): Promise<string> {
    const isEntry = (text: string) => text.split("\n", 1)[0]?.split(", ").includes(alarm);
    const [commands] = commandsIn(page.split("\n## ").find(isEntry) ?? "");
    if (commands === undefined) {
      throw new Error(`runbook entry ${alarm} must have commands`);
    }
    return await this.run(commands);
  }

  /** Sends a signed event. @returns the status of the response. */
  async post(options: PostOptions = {}): Promise<number> {
    const {
      agent = "787096",
      signingKey = this.signingKey,
      pathAccount = this.account,
      bodyAccount = pathAccount,
      relayVersion = "1.1.0",
    } = options;
    const { now, cloud } = this.environment;
    const availability = {
      id: agent,
      account_id: bodyAccount,
      updated_at: new Date(now()).toISOString(),
    };
    const text = JSON.stringify(options.body ?? aPayload({ agent: availability }));
    const id = randomUUID();
    const timestamp = String(Math.floor(now() / 1000));
    const secret = Buffer.from(signingKey.slice("whsec_".length), "base64");
    const mac = createHmac("sha256", secret).update(`${id}.${timestamp}.${text}`).digest("base64");
    const response = await fetch(
      `${cloud.ingestUrl}/v1/accounts/${pathAccount}/availability-events`,
      {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "webhook-id": id,
          "webhook-timestamp": timestamp,
          ...(signingKey !== "" && { "webhook-signature": `v1,${mac}` }),
          "x-relay-version": relayVersion,
        },
        body: text,
      },
    );
    await response.arrayBuffer();
    return response.status;
  }

  /** Returns the lines that a function has logged since a time. */
  private async linesSince(log: FunctionLog, since: number): Promise<string[]> {
    const config = clientConfig(this.environment.cloud);
    const Name = `/agent-availability/${this.environment.cloud.stage}/${log}-log-name`;
    const { Parameter } = await new SSMClient(config).send(new GetParameterCommand({ Name }));
    const { events = [] } = await new CloudWatchLogsClient(config).send(
      new FilterLogEventsCommand({ logGroupName: Parameter?.Value, startTime: since }),
    );
    return events.map(({ message = "" }) => message);
  }

  /** Returns the sum of a metric since a time. Waits until it is at least `minimum`. */
  async metricSince(log: FunctionLog, name: string, since: number, minimum = 1): Promise<number> {
    return await eventually(`metric ${name} to be at least ${minimum}`, async () => {
      const sum = (await this.linesSince(log, since))
        .filter((line) => line.startsWith('{"_aws"'))
        .flatMap((line) => (JSON.parse(line) as Record<string, unknown>)[name] ?? 0)
        .reduce<number>((total, value) => total + Number(value), 0);
      return sum >= minimum && sum;
    });
  }

  /** Sets the functions' clock, and waits until they have read it. */
  async setClockAhead(milliseconds: number): Promise<void> {
    this.environment.setClockAhead(milliseconds);
    await sleep(CLOCK_INTERVAL_MS);
  }

  /** Runs an action while a fault is active, and checks that the fault was hit. */
  async during(fault: Fault, action: () => Promise<void>): Promise<void> {
    const { hits, end } = this.environment.proxy.startFault(fault);
    try {
      await action();
      if (hits() === 0) {
        throw new Error(`the action never hit the fault ${JSON.stringify(fault)}`);
      }
    } finally {
      end();
    }
  }
}
