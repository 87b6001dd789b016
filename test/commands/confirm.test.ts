import { PassThrough } from "node:stream";

import { describe, expect, it } from "@jest/globals";

import { CommandError } from "../../commands/command-error.ts";
import { confirm } from "../../commands/confirm.ts";

/** A terminal at which somebody types that. */
function aTerminal(typed: string) {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = new PassThrough();
  input.end(typed);
  return { terminal: { input, output }, shown: () => String(output.read() ?? "") };
}

describe("asking at a terminal", () => {
  it.each(["y\n", "yes\n", " Y \n"])("goes on after %j", async (typed) => {
    const { terminal, shown } = aTerminal(typed);

    await confirm("All is lost.", false, terminal);

    expect(shown()).toBe("All is lost. Go on? [y/N] ");
  });

  it.each(["n\n", "\n", "yeah\n", "", "--yes\n"])("changes nothing after %j", async (typed) => {
    const { terminal } = aTerminal(typed);

    await expect(confirm("All is lost.", false, terminal)).rejects.toThrow(
      new CommandError("nothing was changed"),
    );
  });

  it("asks nothing after --yes", async () => {
    const { terminal, shown } = aTerminal("n\n");

    await confirm("All is lost.", true, terminal);

    expect(shown()).toBe("");
  });
});
