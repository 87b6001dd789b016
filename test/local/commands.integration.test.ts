import { spawnSync } from "node:child_process";
import { join } from "node:path";

import { describe, expect, it } from "@jest/globals";

import { root } from "../../tools/run/paths.ts";

function run(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return spawnSync(process.execPath, [join(root, "local", program), ...args], {
    encoding: "utf8",
    env,
  });
}

describe("the local cloud's commands", () => {
  it.each([
    ["start.ts", ["--twice"], "npm start accepts only --once (got --twice)"],
    ["start.ts", ["--once", "now"], "npm start accepts only --once (got now)"],
    ["up.ts", ["--once"], "npm run local:up accepts no arguments (got --once)"],
    ["down.ts", ["all"], "npm run local:down accepts no arguments (got all)"],
  ])("%s rejects unknown arguments: %j", (program, args, message) => {
    const { stderr, status } = run(program, args);

    expect(stderr).toBe(`\n${message}\n`);
    expect(status).toBe(1);
  });

  it.each(["start.ts", "up.ts"])("%s rejects an invalid port", (program) => {
    const { stderr, status } = run(program, [], { LOCAL_CLOUD_PORT: "http" });

    expect(stderr).toBe(
      '\nLOCAL_CLOUD_PORT must be a whole number from 1 to 65535 (got "http"). Without it, a free port is used.\n',
    );
    expect(status).toBe(1);
  });
});
