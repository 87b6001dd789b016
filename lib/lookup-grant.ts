import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";

/** The calls that a lookup makes. Nothing else is allowed: no scan, no write. */
export const lookupActions = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"];

/** How far a permission to look up goes. */
export interface LookupScope {
  /**
   * The Freshdesk accounts whose agents may be seen.
   *
   * @default - all
   */
  readonly accountIds?: readonly string[];
}

/** What a lookup touches. */
export interface LookedAt {
  readonly tableArn: string;
  /** Of the stage's parameters, by which the table is found. */
  readonly parametersArn: string;
}

/** The table and its indexes. */
export function tableArns({ tableArn }: LookedAt): string[] {
  return [tableArn, `${tableArn}/index/*`];
}

/** Lets a service look agents up; with `accountIds`, only those of these Freshdesk accounts. */
export function grantLookups(
  lookedAt: LookedAt,
  grantee: IGrantable,
  { accountIds }: LookupScope = {},
): Grant {
  if (accountIds?.length === 0) {
    throw new Error(
      "grantLookups: accountIds is empty; name the Freshdesk accounts that may be read, or leave it out for all",
    );
  }
  const read = Grant.addToPrincipal({
    grantee,
    actions: lookupActions,
    resourceArns: tableArns(lookedAt),
    ...(accountIds && {
      conditions: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": [...accountIds] } },
    }),
  });
  const find = Grant.addToPrincipal({
    grantee,
    actions: ["ssm:GetParameter"],
    resourceArns: [lookedAt.parametersArn],
  });
  return read.combine(find);
}
