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
    ["start.ts", ["--twice"], "npm start does not know --twice: only --once is allowed."],
    ["start.ts", ["--once", "now"], "npm start does not know now: only --once is allowed."],
    ["up.ts", ["--once"], "npm run local:up does not know --once: it takes none."],
    ["down.ts", ["all"], "npm run local:down does not know all: it takes none."],
  ])("%s says which argument it does not know: %j", (program, args, sentence) => {
    const { stderr, status } = run(program, args);

    expect(stderr).toBe(`\n${sentence}\n`);
    expect(status).toBe(1);
  });

  it.each(["start.ts", "up.ts"])("%s says what a port may be", (program) => {
    const { stderr, status } = run(program, [], { LOCAL_CLOUD_PORT: "http" });

    expect(stderr).toBe(
      '\nLOCAL_CLOUD_PORT is "http": a whole number from 1 to 65535 is allowed. Leave it away to get a free port.\n',
    );
    expect(status).toBe(1);
  });
});
