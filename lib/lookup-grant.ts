import {
  AccountPrincipal,
  Grant,
  type IGrantable,
  PolicyDocument,
  PolicyStatement,
} from "aws-cdk-lib/aws-iam";

/** The calls that a lookup makes. Nothing else is allowed: no scan, no write. */
export const lookupActions = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"];

/** The agents that a permission covers. */
export interface LookupScope {
  /**
   * The Freshdesk accounts whose agents may be looked up.
   *
   * @default - all accounts
   */
  readonly accountIds?: readonly string[];
}

export interface LookupSource {
  readonly tableArn: string;
  /** The ARN pattern of the stage's parameters, which name the table. */
  readonly parametersArn: string;
}

export function tableArns({ tableArn }: LookupSource): string[] {
  return [tableArn, `${tableArn}/index/*`];
}

/** Returns the condition that limits a permission to the items of these Freshdesk accounts. */
export function onlyAccounts(accountIds: readonly string[]) {
  return { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": [...accountIds] } };
}

/** Returns the condition that limits a permission to the histories of agents of these Freshdesk accounts. */
export function onlyHistoriesOf(accountIds: readonly string[]) {
  const partitions = accountIds.map((accountId) => `${accountId}#*`);
  return { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": partitions } };
}

/**
 * Allows a service to look up agents; with `accountIds`, only those of these Freshdesk accounts.
 *
 * @throws Error if `accountIds` is empty.
 */
export function grantLookups(
  source: LookupSource,
  grantee: IGrantable,
  { accountIds }: LookupScope = {},
): Grant {
  if (accountIds?.length === 0) {
    throw new Error(
      "accountIds must contain at least one Freshdesk account ID (got []). Omit it to allow all accounts.",
    );
  }
  const read = Grant.addToPrincipal({
    grantee,
    actions: lookupActions,
    resourceArns: tableArns(source),
    ...(accountIds && { conditions: onlyAccounts(accountIds) }),
  });
  const findTable = Grant.addToPrincipal({
    grantee,
    actions: ["ssm:GetParameter"],
    resourceArns: [source.parametersArn],
  });
  return read.combine(findTable);
}

/** Allows other AWS accounts to read a table. The policy of a table cannot name the table, hence `*`. */
export function readersPolicy(
  accountIds: readonly string[],
  actions: readonly string[],
): PolicyDocument {
  return new PolicyDocument({
    statements: [
      new PolicyStatement({
        sid: "LookupsFromOtherAccounts",
        principals: accountIds.map((accountId) => new AccountPrincipal(accountId)),
        actions: [...actions],
        resources: ["*"],
      }),
    ],
  });
}
