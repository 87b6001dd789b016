import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { SSMClient } from "@aws-sdk/client-ssm";
import { STSClient } from "@aws-sdk/client-sts";

import type { StageParameter } from "../lib/stage-parameter-names.ts";
import { findParameters, type Parameters } from "./deployed-stage.ts";
import { createOperatorsLog, type Deed, type OperatorsLog, type Outcome } from "./operators-log.ts";

/** A deployed stage, and the record of what operators do to it. */
export interface StageOnRecord<Name extends StageParameter> {
  readonly parameters: Parameters<Name>;
  readonly log: OperatorsLog;
  /** Does something on the record. */
  readonly onRecord: <Result>(deed: Deed, run: () => Promise<Result>) => Promise<Result>;
}

const endWords: Record<Outcome, string> = {
  done: "What follows was done, but",
  failed: "What follows did not come to its end, and",
};

/**
 * Finds the stage that a command is about to change.
 *
 * @throws CommandError as `findParameters` does.
 */
export async function findStageOnRecord<Name extends StageParameter>(
  stage: string,
  names: readonly Name[],
): Promise<StageOnRecord<Name>> {
  const parameters = await findParameters<Name | "audit-log-name">(new SSMClient(), stage, [
    "audit-log-name",
    ...names,
  ]);
  const logGroupName = parameters["audit-log-name"];
  const clients = { logs: new CloudWatchLogsClient(), sts: new STSClient() };
  const log = createOperatorsLog(clients, { logGroupName, stage });
  return {
    parameters,
    log,
    onRecord: async (deed, run) =>
      await log.keep(deed, run, (error, outcome) => {
        console.error(
          `${endWords[outcome]} ${logGroupName} could not be told how it ended: ${String(error)}`,
        );
      }),
  };
}
