import { Template } from "aws-cdk-lib/assertions";

import { AgentAvailabilityReconcileStack } from "../../../lib/reconcile/agent-availability-reconcile-stack.ts";
import { readStage } from "../../../lib/stage.ts";
import { anApp } from "../synthesized.ts";

export const env = { account: "123456789012", region: "eu-central-1" };

/** The reconcile stack of stage `blue`. */
export function aReconcileStack(settings: object = {}, localFreshdeskOrigin?: unknown) {
  const app = anApp();
  if (localFreshdeskOrigin !== undefined) {
    app.node.setContext("localFreshdeskOrigin", localFreshdeskOrigin);
  }
  const stage = readStage("blue", { blue: settings });
  return new AgentAvailabilityReconcileStack(app, "AgentAvailabilityReconcile", {
    stage,
    settings: stage.reconcile ?? { everyMinutes: 10 },
    env,
  });
}

/** Synthesizes the reconcile stack of stage `blue`. */
export function reconcileTemplate(settings: object = {}): Template {
  return Template.fromStack(aReconcileStack(settings));
}
