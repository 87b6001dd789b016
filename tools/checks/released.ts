import { writeFileSync } from "node:fs";

import { App } from "aws-cdk-lib";

import { createStacks } from "../../lib/stacks.ts";
import { readStage } from "../../lib/stage.ts";
import { identitiesIn } from "./replacement.ts";
import { context } from "./stages.ts";

/** Where the tests find what the last release has deployed. */
const FILE = new URL("../../test/upgrade/released.json", import.meta.url);

const app = new App({ context: { ...context, "aws:cdk:bundling-stacks": [] } });
createStacks(app, {
  stage: readStage("blue", { blue: {} }),
  env: { account: "123456789012", region: "eu-central-1" },
});
const stacks = app
  .synth()
  .stacks.map(({ id, template }): [string, unknown] => [id, identitiesIn(template)]);
writeFileSync(FILE, `${JSON.stringify(Object.fromEntries(stacks), null, 2)}\n`);
