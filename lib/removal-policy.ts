import { RemovalPolicy } from "aws-cdk-lib";

import type { Stage } from "./stage.ts";

/**
 * Returns what happens to a resource's data when the resource leaves its stack. A stage that retains data
 * keeps it, except in a first deployment that fails: nothing was stored by then, and a resource that was
 * kept would have to be deleted manually.
 */
export function removalPolicyOf({ retainData }: Stage): RemovalPolicy {
  return retainData ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
}
