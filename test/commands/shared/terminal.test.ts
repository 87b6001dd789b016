import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";

import { describe, expect, it } from "@jest/globals";

import { Terminal } from "../../../commands/shared/terminal.ts";

/** A terminal at which an operator types. */
function aTerminal({ isTTY = true } = {}) {
  const stdin = Object.assign(new PassThrough(), { isTTY, setRawMode: () => undefined });
  // As a terminal, so that Ctrl-C arrives as a character.
  const stderr = Object.assign(new PassThrough(), { isTTY, columns: 200 });
  const stdout = new PassThrough();
  const signals = new EventEmitter();
  return {
    terminal: new Terminal({ stdin, stdout, stderr, signals }),
    stdin,
    signals,
    out: () => String(stdout.read() ?? ""),
    err: () => String(stderr.read() ?? ""),
  };
}

const unchanged = { name: "CommandError", message: "Nothing was changed." };

describe("a confirmation", () => {
  it.each(["y\n", "yes\n", " Y \n"])("continues after %j", async (typed) => {
    const { terminal, stdin, err } = aTerminal();
    stdin.end(typed);

    await terminal.confirm("This deletes all agents.", false);

    expect(err()).toContain("This deletes all agents. Continue? [y/N] ");
  });

  it.each(["n\n", "\n", "yeah\n", "--yes\n"])("changes nothing after %j", async (typed) => {
    const { terminal, stdin } = aTerminal();
    stdin.end(typed);

    await expect(terminal.confirm("This deletes all agents.", false)).rejects.toMatchObject({
      ...unchanged,
      exitCode: 1,
    });
  });

  it.each([
    ["Ctrl-C", (stdin: PassThrough) => stdin.write("\u0003")],
    ["Ctrl-C after an unfinished answer", (stdin: PassThrough) => stdin.write("y\u0003")],
    ["Ctrl-D", (stdin: PassThrough) => stdin.write("\u0004")],
    ["the end of input", (stdin: PassThrough) => stdin.end()],
    ["a signal", (_stdin: PassThrough, signals: EventEmitter) => signals.emit("SIGINT")],
  ])("changes nothing, with exit code 130, after %s", async (_title, cancel) => {
    const { terminal, stdin, signals } = aTerminal();

    const confirming = terminal.confirm("This deletes all agents.", false);
    cancel(stdin, signals);

    await expect(confirming).rejects.toMatchObject({ ...unchanged, exitCode: 130 });
    expect(signals.listenerCount("SIGINT")).toBe(0);
  });

  it("is not asked for with --yes", async () => {
    const { terminal, stdin, err } = aTerminal();
    stdin.end("n\n");

    await terminal.confirm("This deletes all agents.", true);

    expect(err()).toBe("");
  });

  it("is impossible without a terminal", async () => {
    const { terminal } = aTerminal({ isTTY: false });

    await expect(terminal.confirm("This deletes all agents.", false)).rejects.toThrow(
      "This deletes all agents. Nothing was changed. Cannot ask for confirmation: stdin is not a terminal. Pass --yes to confirm.",
    );
  });
});

describe("a secret", () => {
  it("is read from a terminal without being shown", async () => {
    const { terminal, stdin, err, out } = aTerminal();
    stdin.write("adminKey\r");

    expect(await terminal.readSecret("API key:")).toBe("adminKey");
    expect(err()).toBe("API key: \n");
    expect(out()).toBe("");
  });

  it("is the first line of stdin if that is not a terminal, and nothing is printed", async () => {
    const { terminal, stdin, err } = aTerminal({ isTTY: false });
    stdin.end("adminKey\nrest\n");

    expect(await terminal.readSecret("API key:")).toBe("adminKey");
    expect(err()).toBe("");
  });

  it.each(["\u0003", "\u0004"])("is not read after the character %j", async (character) => {
    const { terminal, stdin } = aTerminal();
    stdin.write(`admin${character}`);
    stdin.end();

    await expect(terminal.readSecret("API key:")).rejects.toMatchObject({
      ...unchanged,
      exitCode: 130,
    });
  });
});

/** A name that moves the cursor up, clears the line, adds a line, and reverses the text after it. */
const FORGED_TEXT =
  "Rachel\u001B[1A\u001B[2K\nNothing was changed.\r\u202Edlrow\u2028\u009B1m\uD800";
const VISIBLE_TEXT =
  "Rachel\\u{1b}[1A\\u{1b}[2K\\nNothing was changed.\\u{d}\\u{202e}dlrow\\u{2028}\\u{9b}1m\\u{d800}";

describe("text from Freshdesk", () => {
  it("cannot control the terminal or add lines in a result", () => {
    const { terminal, out } = aTerminal();

    terminal.print({ json: false, value: {}, text: [`name  ${FORGED_TEXT}`, "version 7"] });

    expect(out()).toBe(`name  ${VISIBLE_TEXT}\nversion 7\n`);
  });

  it("cannot control the terminal or add lines in a note", () => {
    const { terminal, err } = aTerminal();

    terminal.note(`agent ${FORGED_TEXT} not found`);

    expect(err()).toBe(`agent ${VISIBLE_TEXT} not found\n`);
  });

  it("cannot control the terminal in a question", async () => {
    const { terminal, stdin, err } = aTerminal();
    stdin.end("y\n");

    await terminal.confirm(`This forgets ${FORGED_TEXT}.`, false);

    expect(err()).toContain(`This forgets ${VISIBLE_TEXT}. Continue? [y/N] `);
  });

  it("is exact in JSON", () => {
    const { terminal, out } = aTerminal();

    terminal.print({ json: true, value: { name: FORGED_TEXT }, text: [] });

    expect(JSON.parse(out())).toEqual({ name: FORGED_TEXT });
  });

  it.each(["Zoë", "李雷", "رَاشِل", "רייצ'ל", "👩‍💻", "می‌خواهم", "a\\nb"])(
    "keeps the name %s",
    (name) => {
      const { terminal, out } = aTerminal();

      terminal.print({ json: false, value: {}, text: [name] });

      expect(out()).toBe(`${name}\n`);
    },
  );
});

it("prints progress at most every two seconds", () => {
  const { terminal, err } = aTerminal();

  terminal.progress("1 of 2");
  terminal.progress("2 of 2");

  expect(err()).toBe("");
});
