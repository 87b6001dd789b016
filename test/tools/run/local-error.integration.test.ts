import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

import { expect, it } from "@jest/globals";

import { root } from "../../../tools/run/paths.ts";

const SCRIPT = `
  import { setTimeout as sleep } from "node:timers/promises";
  import { runProgram } from "./tools/run/local-error.ts";
  import { createEndSignal } from "./tools/run/signals.ts";

  const signal = createEndSignal();
  await runProgram(async () => {
    console.log("waiting");
    await sleep(600_000, undefined, { signal });
    return 0;
  });`;

it.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)(
  "a program that waits for a timer ends without a stack trace: %s",
  async (name, code) => {
    const args = ["--input-type=module-typescript", "-e", SCRIPT];
    const program = spawn(process.execPath, args, { cwd: root });
    const stderr = text(program.stderr);
    const closed = once(program, "close");
    // A program that ends early fails the test instead of holding it up.
    await Promise.race([once(program.stdout, "data"), closed]);

    program.kill(name);

    expect(await closed).toEqual([code, null]);
    expect(await stderr).toBe("\nInterrupted. No process is left running.\n");
  },
);
