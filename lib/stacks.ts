import type { Environment, Stack, StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";

import { AgentAvailabilityStack } from "./data-path/agent-availability-stack.ts";
import { AgentAvailabilityBoardStack } from "./board/agent-availability-board-stack.ts";
import { AgentAvailabilityCatalogueStack } from "./catalogue/agent-availability-catalogue-stack.ts";
import { AgentAvailabilityHistoryStack } from "./history/agent-availability-history-stack.ts";
import { AgentAvailabilityOperationsStack } from "./operations/agent-availability-operations-stack.ts";
import { AgentAvailabilityReconcileStack } from "./reconcile/agent-availability-reconcile-stack.ts";
import { AgentAvailabilitySupervisionStack } from "./supervision/agent-availability-supervision-stack.ts";
import { type Stage, StageError } from "./stage.ts";

export interface StacksProps {
  readonly stage: Stage;

  /**
   * The account and region of the current credentials.
   *
   * @default - the stage's own, or decided when the templates are deployed
   */
  readonly env?: Environment;
}

/**
 * Creates the stacks of one stage: the data path, which needs no other, and those that depend on it.
 *
 * @throws StageError if `env` is not the account and region that the stage sets.
 */
export function createStacks(
  scope: Construct,
  { stage, env }: StacksProps,
): [dataPath: Stack, ...dependents: Stack[]] {
  const props = { stage, env: targetOf(stage, env) };
  const dataPath = new AgentAvailabilityStack(scope, "AgentAvailability", props);
  const { history, supervision, board } = createBoardAndItsSources(scope, props);
  const dependents = [
    // CloudFormation rejects a stack without resources.
    ...(stage.schemaRegistry || stage.archiveDays > 0
      ? [new AgentAvailabilityCatalogueStack(scope, "AgentAvailabilityCatalogue", props)]
      : []),
    new AgentAvailabilityOperationsStack(scope, "AgentAvailabilityOperations", props),
    ...(stage.reconcile === null
      ? []
      : [
          new AgentAvailabilityReconcileStack(scope, "AgentAvailabilityReconcile", {
            ...props,
            settings: stage.reconcile,
          }),
        ]),
    ...history,
    ...supervision,
    ...board,
  ];
  // Dependents find the data path by its bus and its parameters, which must exist first.
  for (const stack of dependents) {
    stack.addStackDependency(dataPath);
  }
  return [dataPath, ...dependents];
}

/** Creates the history, supervision and board stacks that the stage's settings require. The board depends on the others. */
function createBoardAndItsSources(
  scope: Construct,
  props: StackProps & { readonly stage: Stage },
): { readonly history: Stack[]; readonly supervision: Stack[]; readonly board: Stack[] } {
  const { historyDays, statusLimits, coverage, board: settings } = props.stage;
  const history =
    historyDays === 0
      ? []
      : [new AgentAvailabilityHistoryStack(scope, "AgentAvailabilityHistory", props)];
  const supervision =
    statusLimits.length === 0 && coverage.length === 0
      ? []
      : [new AgentAvailabilitySupervisionStack(scope, "AgentAvailabilitySupervision", props)];
  if (settings === undefined) {
    return { history, supervision, board: [] };
  }
  const board = new AgentAvailabilityBoardStack(scope, "AgentAvailabilityBoard", {
    ...props,
    settings,
  });
  for (const stack of [...history, ...supervision]) {
    board.addStackDependency(stack);
  }
  return { history, supervision, board: [board] };
}

function targetOf(stage: Stage, env: Environment = {}): Environment {
  return {
    account: targetValue(stage, "account", env.account),
    region: targetValue(stage, "region", env.region),
  };
}

function targetValue(
  stage: Stage,
  setting: "account" | "region",
  current: string | undefined,
): string | undefined {
  const required = stage[setting];
  if (required !== undefined && current !== undefined && current !== required) {
    throw new StageError(
      `${setting} must be ${required} for stage "${stage.name}" (got ${current}). Check the AWS profile, or change cdk.json.`,
    );
  }
  return required ?? current;
}
