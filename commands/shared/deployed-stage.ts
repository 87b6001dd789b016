import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { paginateGetParametersByPath, SSMClient } from "@aws-sdk/client-ssm";
import { STSClient } from "@aws-sdk/client-sts";
import * as z from "zod";

import { parametersPath, type StageParameter } from "../../lib/stage-parameter-names.ts";
import { commandLine } from "./arguments.ts";
import { type AuditedAction, type AuditLog, createAuditLog, type Outcome } from "./audit-log.ts";
import { describeCause } from "./aws-failure.ts";
import { CommandError } from "./command-error.ts";
import type { Terminal } from "./terminal.ts";

/** SSM parameters of a deployed stage, by their names below the stage's path. */
export type Parameters<Name extends StageParameter> = Readonly<Record<Name, string>>;

/** All parameters of a deployed stage, and where they were found. */
interface DeployedParameters {
  readonly stage: string;
  readonly region: string;
  readonly values: ReadonlyMap<string, string | undefined>;
}

/** @throws CommandError if the stage is not deployed in this account and region. */
async function readParameters(ssm: SSMClient, stage: string): Promise<DeployedParameters> {
  const path = parametersPath(stage);
  const values = new Map<string, string | undefined>();
  // A page has at most ten parameters, and any page but the last may be empty.
  for await (const page of paginateGetParametersByPath({ client: ssm }, { Path: path })) {
    for (const { Name: name = "", Value: value } of page.Parameters ?? []) {
      values.set(name.slice(path.length), value);
    }
  }
  const region = await ssm.config.region();
  if (values.size === 0) {
    throw new CommandError(
      `stage ${JSON.stringify(stage)} is not deployed in ${region}: no parameters under ${path}. Deploy it, or select another stage with --stage.`,
    );
  }
  return { stage, region, values };
}

type DescribeMissing = (missing: string) => string;

const describeMissing: DescribeMissing = (missing) =>
  `lacks parameters that this command needs: ${missing}. Deploy the stage with this version of the hub, and with the settings that the command needs.`;

/** @throws CommandError if the stage lacks one of the parameters. */
function requireParameters<Name extends StageParameter>(
  { stage, region, values }: DeployedParameters,
  names: readonly Name[],
  describe = describeMissing,
): Parameters<Name> {
  const found = z
    .record(z.enum(names), z.string())
    .safeParse(Object.fromEntries(names.map((name) => [name, values.get(name)])));
  if (!found.success) {
    const path = parametersPath(stage);
    const missing = names.filter((name) => !values.has(name)).map((name) => path + name);
    throw new CommandError(
      `stage ${JSON.stringify(stage)} in ${region} ${describe(missing.join(", "))}`,
    );
  }
  return found.data;
}

/**
 * Reads parameters of a deployed stage.
 *
 * @param describe the rest of the error about missing parameters, after the stage and the region.
 * @throws CommandError if the stage is not deployed in this account and region, or lacks a parameter.
 */
export async function findParameters<Name extends StageParameter>(
  ssm: SSMClient,
  stage: string,
  names: readonly Name[],
  describe?: DescribeMissing,
): Promise<Parameters<Name>> {
  return requireParameters(await readParameters(ssm, stage), names, describe);
}

export interface FoundStage<Name extends StageParameter> {
  readonly parameters: Parameters<Name>;
  /** Returns a parameter of a stack that not every stage deploys. */
  readonly optionalParameter: (name: StageParameter) => string | undefined;
}

/**
 * Reads all parameters of a deployed stage.
 *
 * @throws CommandError as `findParameters` does.
 */
export async function findStage<Name extends StageParameter>(
  ssm: SSMClient,
  stage: string,
  names: readonly Name[],
): Promise<FoundStage<Name>> {
  const found = await readParameters(ssm, stage);
  return {
    parameters: requireParameters(found, names),
    optionalParameter: (name) => found.values.get(name),
  };
}

/** A deployed stage whose changes are recorded in its audit log. */
export interface AuditedStage<Name extends StageParameter> extends FoundStage<Name> {
  readonly auditLog: AuditLog;
  /** Runs an action between a start entry and a final entry in the audit log. */
  readonly audited: <Result>(action: AuditedAction, run: () => Promise<Result>) => Promise<Result>;
}

/** Returns what to do after an action whose outcome could not be recorded. */
function nextStep(action: AuditedAction, outcome: Outcome, stage: string): string {
  if (outcome === "failed") {
    return "Fix the cause of the failure, then run the command again.";
  }
  if (action.action !== "agent forget") {
    return "Do not repeat the operation.";
  }
  // Without a recorded outcome, redrive can neither store nor skip the agent's earlier changes.
  const { accountId = "", availabilityId = "" } = action;
  return `To record it, run: ${commandLine(`agent forget ${accountId} ${availabilityId} --exact`, stage)}`;
}

/**
 * Opens the stage that a command is about to change.
 *
 * @throws CommandError as `findParameters` does.
 */
export async function openStage<Name extends StageParameter>(
  stage: string,
  names: readonly Name[],
  terminal: Terminal,
): Promise<AuditedStage<Name>> {
  const { parameters, optionalParameter } = await findStage<Name | "audit-log-name">(
    new SSMClient(),
    stage,
    ["audit-log-name", ...names],
  );
  const logGroupName = parameters["audit-log-name"];
  const clients = { logs: new CloudWatchLogsClient(), sts: new STSClient() };
  const auditLog = createAuditLog(clients, { logGroupName, stage });
  return {
    parameters,
    optionalParameter,
    auditLog,
    audited: async (action, run) =>
      await auditLog.record(action, run, (error, outcome) => {
        terminal.note(
          `The operation ${outcome === "done" ? "succeeded, but" : "failed, and"} its outcome could not be written to the audit log ${logGroupName}: ${describeCause(error)}. ${nextStep(action, outcome, stage)}`,
        );
      }),
  };
}
