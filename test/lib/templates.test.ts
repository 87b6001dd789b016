import { expect, it } from "@jest/globals";

import { createStacks } from "../../lib/stacks.ts";
import { readStage } from "../../lib/stage.ts";
import { stages } from "../../tools/checks/stages.ts";
import { anApp } from "./synthesized.ts";

/** An empty string is a value here, not a property that CloudFormation passes to a service. */
const ALLOWED_PATHS = [/\.Fn::Join\.0$/, /\.Environment\.Variables\.\w+$/];

/** The paths of all empty strings in a template. */
function emptyStrings(value: unknown, path = ""): string[] {
  if (value === "") {
    return ALLOWED_PATHS.some((pattern) => pattern.test(path)) ? [] : [path];
  }
  return typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([key, each]) => emptyStrings(each, `${path}.${key}`))
    : [];
}

it.each(Object.keys(stages))(
  "no template of stage %s sets a property to an empty string",
  (name) => {
    const app = anApp();
    createStacks(app, {
      stage: readStage(name, stages),
      env: { account: "123456789012", region: "eu-central-1" },
    });
    const templates = app.synth().stacks.map(({ id, template }) => [id, template] as const);

    expect(templates.length).toBeGreaterThan(1);
    expect(templates.flatMap(([id, template]) => emptyStrings(template, id))).toEqual([]);
  },
);
