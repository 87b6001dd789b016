import { Command, CommanderError } from "commander";

import { LookupError } from "../client/lookups/lookup-error.ts";
import { describeAwsFailure } from "./shared/aws-failure.ts";
import { CommandError } from "./shared/command-error.ts";
import { type Io, Terminal } from "./shared/terminal.ts";

type AddCommand = (program: Command, terminal: Terminal) => void;

/**
 * One file per command, loaded only if it is run: together they contain the clients of ten services. To add a
 * command, add its file and list it here.
 */
const commands: readonly (readonly [name: string, load: () => Promise<AddCommand>])[] = [
  ["account", async () => (await import("./account.ts")).addAccountCommand],
  ["agent", async () => (await import("./agent.ts")).addAgentCommand],
  ["report", async () => (await import("./report.ts")).addReportCommand],
  ["board", async () => (await import("./board.ts")).addBoardCommand],
  ["watch", async () => (await import("./watch.ts")).addWatchCommand],
  ["reconcile", async () => (await import("./reconcile.ts")).addReconcileCommand],
  ["redrive", async () => (await import("./redrive.ts")).addRedriveCommand],
  ["replay", async () => (await import("./replay.ts")).addReplayCommand],
  ["restore", async () => (await import("./restore.ts")).addRestoreCommand],
  ["cost", async () => (await import("./cost.ts")).addCostCommand],
  ["local", async () => (await import("./local.ts")).addLocalCommand],
];

/** Loads the commands that the arguments may name; if they name none, loads all of them for the help. */
async function loadCommands(argv: readonly string[]): Promise<readonly AddCommand[]> {
  const named = commands.filter(([name]) => argv.includes(name));
  const selected = named.length > 0 ? named : commands;
  return await Promise.all(selected.map(async ([, load]) => await load()));
}

function createProgram(addCommands: readonly AddCommand[], terminal: Terminal, io: Io): Command {
  const program = new Command("agent-availability")
    .description("Operates Agent Availability Hub with the AWS credentials of the environment.")
    .option("--stage <name>", "the deployed stage", "dev")
    .option("--json", "print the result as JSON", false)
    .helpOption("-h, --help", "display help")
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true, helpWidth: 100 })
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: (text) => {
        terminal.note(text.replace(/^error: /, "").trimEnd());
      },
    })
    .exitOverride();
  for (const add of addCommands) {
    add(program, terminal);
  }
  return program;
}

/** Returns the name of a flag without a value, or the position of an empty argument. */
function describeEmpty(argv: readonly string[], index: number): string {
  if (argv[index]) {
    return argv[index].slice(0, -1);
  }
  const before = argv[index - 1];
  if (before === undefined) {
    return `argument ${index + 1}`;
  }
  return /^--[\w-]+$/.test(before)
    ? `the argument after ${before}`
    : `argument ${index + 1}, after ${JSON.stringify(before)},`;
}

/** An empty argument usually comes from an unset variable. AWS would interpret it differently. */
function rejectEmpty(argv: readonly string[]): void {
  const index = argv.findIndex((argument) => argument === "" || /^--[\w-]+=$/.test(argument));
  if (index !== -1) {
    throw new CommandError(
      `${describeEmpty(argv, index)} must not be empty. Check whether a variable is unset.`,
    );
  }
}

function failureOf(error: unknown): CommandError | undefined {
  if (error instanceof CommandError) {
    return error;
  }
  const message = error instanceof LookupError ? error.message : describeAwsFailure(error);
  return message === undefined ? undefined : new CommandError(message, { cause: error });
}

/**
 * Runs a command.
 *
 * @param argv the arguments after `agent-availability`.
 * @returns the exit code. Failures that the operator can fix are printed.
 * @throws Error for a bug, which needs its stack trace.
 */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const terminal = new Terminal(io);
  try {
    rejectEmpty(argv);
    const addCommands = await loadCommands(argv);
    await createProgram(addCommands, terminal, io).parseAsync(argv, { from: "user" });
    return terminal.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode;
    }
    const failure = failureOf(error);
    if (failure === undefined) {
      throw error;
    }
    terminal.note(failure.message, ...failure.details);
    return failure.exitCode;
  }
}
