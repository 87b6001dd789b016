import { describe, expect, it } from "@jest/globals";

import { runCommand } from "./run-command.ts";

const send = async (...argv: string[]) => await runCommand(["local", "send", ...argv]);

describe("local send", () => {
  it.each([
    [["nobody", "--status", "Lunch"], "Must be one of rachel, omar, "],
    [["rachel", "--status", "Asleep"], "Allowed choices are Available, Lunch, In a call, "],
    [
      ["ines", "--close", "freshcaller"],
      '--close must be a channel of ines: freshchat (got "freshcaller")',
    ],
    [
      ["rachel", "--open", "freshchat", "phone"],
      '--open must be a channel of rachel: freshdesk, freshchat, freshcaller (got "phone")',
    ],
    [
      ["rachel", "--open", "freshchat", "--close", "freshdesk", "freshchat"],
      '--open and --close must not name the same channel (got "freshchat")',
    ],
    [["rachel"], "at least one of --status, --open and --close is required"],
  ])("rejects %j before anything is sent", async (argv, message) => {
    const { out, err, code } = await send(...argv);

    expect({ out, code }).toEqual({ out: "", code: 1 });
    expect(err).toContain(message);
  });
});
