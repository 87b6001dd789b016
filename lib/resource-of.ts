import { CfnResource } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

/** Returns the CloudFormation resource that the CDK creates for a construct. */
export function resourceOf(construct: IConstruct | undefined): CfnResource {
  const resource = construct?.node.defaultChild;
  if (!(resource instanceof CfnResource)) {
    const path = construct?.node.path ?? "a construct";
    throw new Error(`the CDK no longer creates the resource of ${path} as expected`);
  }
  return resource;
}
