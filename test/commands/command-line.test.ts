import { spawnSync } from "node:child_process";

import { describe, expect, it, jest } from "@jest/globals";

import { root } from "../../tools/run/paths.ts";
import { NOBODY, runCommandLine } from "./on-the-wire.ts";

// Each is a process of its own; on a busy machine several may take longer than the 5 seconds of a test.
jest.setTimeout(60_000);

const commands = ["account", "agent", "cost", "redrive", "replay", "restore"];

describe.each(commands)("npm run %s", (command) => {
  it.each(["--help", "-h"])("answers %s with its usage, and that is no failure", async (flag) => {
    const { out, err, code } = await runCommandLine(command, ["show", flag]);

    expect({ err, code }).toEqual({ err: "", code: 0 });
    expect(out.startsWith(`npm run ${command} -- `)).toBe(true);
    expect(out).toMatch(/--stage +(?:the deployed stage|a stage of cdk\.json); default dev\n/);
  });

  it("takes no stage without a name, and asks nobody", async () => {
    const { out, err, code } = await runCommandLine(command, ["--stage", ""]);

    expect({ out, code }).toEqual({ out: "", code: 1 });
    expect(err.startsWith('--stage "" says nothing: is a variable not set?\n\nnpm run ')).toBe(
      true,
    );
  });

  it("says what it does not understand, with its usage", async () => {
    const { out, err, code } = await runCommandLine(command, ["--color"]);

    expect({ out, code }).toEqual({ out: "", code: 1 });
    expect(err).toMatch(/^Unknown option '--color'[^\n]*\n\nnpm run /);
  });
});

describe("options that npm kept, as -- was forgotten", () => {
  it.each([
    ["account", ["add", "777"], "stage"],
    ["account", ["rotate", "777"], "replace-newest"],
    ["agent", ["list", "1"], "channel"],
    ["agent", ["show", "1", "2", "--stage", "blue"], "limit"],
    ["agent", ["forget", "1", "2"], "exact"],
    ["cost", [], "agents"],
    ["redrive", [], "stage"],
    ["replay", ["--to", "1 hour ago"], "from"],
    ["restore", ["500"], "rate"],
    ["restore", ["--from", "copy"], "roll-back"],
  ])("are not passed over: npm run %s %j, and --%s", async (command, args, name) => {
    const variable = `npm_config_${name.replace("-", "_")}`;

    const { out, err, code } = await runCommandLine(command, args, NOBODY, { [variable]: "true" });

    expect({ out, code }).toEqual({ out: "", code: 1 });
    expect(
      err.startsWith(
        `--${name} was kept by npm (${variable} is set): write -- before the options\n\nnpm run ${command} -- `,
      ),
    ).toBe(true);
  });

  it("are in the environment by that name", () => {
    const { stdout, stderr, status } = spawnSync(
      "npm",
      ["run", "--silent", "restore", "--roll-back", "--", "--from", "copy"],
      { cwd: root, encoding: "utf8", env: { ...process.env, AWS_ENDPOINT_URL: NOBODY } },
    );

    expect({ stdout, status }).toEqual({ stdout: "", status: 1 });
    expect(stderr).toContain("--roll-back was kept by npm (npm_config_roll_back is set)");
  });

  it.each([
    ["what is typed after it as well", ["add", "1", "--stage", "blue"], { npm_config_stage: "x" }],
    ["the same with =", ["add", "1", "--stage=blue"], { npm_config_stage: "x" }],
    ["what npm has itself", ["add", "1"], { npm_config_yes: "true", npm_config_json: "true" }],
    ["another command's", ["add", "1"], { npm_config_rate: "5" }],
  ])("are none: %s", async (_title, args, environment) => {
    const { err } = await runCommandLine("account", args, NOBODY, environment);

    expect(err).toMatch(/^AWS could not be asked/);
  });
});

describe("nobody is asked", () => {
  it.each([
    ["agent", ["show", "", "2"], '"" is no id'],
    ["agent", ["show", "1", ""], '"" is no id'],
    ["agent", ["list", ""], '"" is no id'],
    ["agent", ["list", "1", "--channel", ""], '--channel "" says nothing'],
    ["agent", ["forget", "1", "", "--yes"], '"" is no id'],
    ["agent", ["show", "1", "2", "--limit", "x"], "--limit means nothing with show"],
    ["agent", ["show", "1", "2", "--exact"], "--exact means nothing with show"],
    ["agent", ["list", "1", "--exact"], "--exact means nothing with list"],
    ["agent", ["list", "1", "--limit", "x"], '--limit "x" is none'],
    [
      "agent",
      ["forget", "1", "2", "--channel", "freshchat", "--yes"],
      "--channel means nothing with forget",
    ],
    ["agent", ["forget", "1", "2", "--limit", "5", "--yes"], "--limit means nothing with forget"],
    ["account", ["add", ""], '"" is no id'],
    [
      "replay",
      ["--from", "1 hour ago", "--to", "30 minutes ago", "--rule", "one", "--rule", ""],
      '--rule "" says nothing',
    ],
    ["restore", ["--from", "", "--yes"], '--from "" says nothing'],
    ["restore", ["--roll-back", "--yes"], "--roll-back means nothing without --from"],
    ["restore", ["--rate", "0", "--yes"], '"0" is no rate'],
    ["restore", ["--epoch", "1.5", "--yes"], '"1.5" is no epoch'],
    ["restore", ["--epoch", "yesterday", "--yes"], '"yesterday" is no epoch'],
  ])("by %s %j", async (command, args, sentence) => {
    const { out, err, code } = await runCommandLine(command, args);

    expect({ out, code }).toEqual({ out: "", code: 1 });
    expect(err.startsWith(sentence)).toBe(true);
  });
});
