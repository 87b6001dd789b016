import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { SSMClient } from "@aws-sdk/client-ssm";
import type { Command } from "commander";

import { findArchive, requireKept } from "./replay/archive.ts";
import { periodOf } from "./replay/period.ts";
import { findRules } from "./replay/rules.ts";
import { type Replay, runReplay, type Standing } from "./replay/run.ts";
import { TIMES } from "./replay/time.ts";
import { beginningWords, endWords, progressWords } from "./replay/words.ts";
import type { GlobalOptions } from "./shared/arguments.ts";
import { CommandError } from "./shared/command-error.ts";
import { findParameters } from "./shared/stage.ts";
import { INTERRUPTED_EXIT_CODE, type Terminal } from "./shared/terminal.ts";

interface Options extends GlobalOptions {
  readonly from: string;
  readonly to: string;
  /** Names, each once. */
  readonly rule: readonly string[];
  readonly archive?: string;
}

const HELP = `
Times:
    ${TIMES}

Exit codes:
  0    all events were replayed
  1    the replay was rejected or failed
  130  the replay was cancelled by Ctrl-C`;

const POLL_INTERVAL_MS = 2000;

async function archiveOf(ssm: SSMClient, stage: string): Promise<string> {
  try {
    return (await findParameters(ssm, stage, ["archive-name"]))["archive-name"];
  } catch (error) {
    if (!(error instanceof CommandError)) {
      throw error;
    }
    throw new CommandError(
      `stage "${stage}" has no archive: its stack AgentAvailabilityCatalogue is not deployed, or archiveDays is 0. Select an older archive of the same bus with --archive.`,
      { cause: error },
    );
  }
}

const SUFFIX_LETTERS = 6;

/** Returns a unique name of at most 64 characters, as EventBridge allows. */
function nameOf(stage: string, now: Date): string {
  const time = now.toISOString().replaceAll(/[-:]|\.\d+Z/g, "");
  return `agent-availability-${stage}-${time}-${randomBytes(SUFFIX_LETTERS / 2).toString("hex")}`;
}

async function prepare(client: EventBridgeClient, options: Options): Promise<Replay> {
  const now = new Date();
  const { stage, archive: named, rule: rules } = options;
  const period = periodOf(options, now);
  const ssm = new SSMClient();
  const bus = await findParameters(ssm, stage, ["bus-arn", "bus-name"]);
  const name = named ?? (await archiveOf(ssm, stage));
  const archive = await findArchive(client, name, bus["bus-arn"]);
  requireKept(archive, period, now);
  const ruleArns = await findRules(client, bus["bus-name"], rules);
  return { name: nameOf(stage, now), archive, busArn: bus["bus-arn"], ruleArns, period };
}

/** Prints the state of a replay when it has changed. */
function createObserver(terminal: Terminal) {
  let last = "";
  return (standing: Standing) => {
    const words = progressWords(standing);
    if (words !== last) {
      last = words;
      terminal.note(words);
    }
  };
}

function exitCodeOf({ state }: Standing, signal: AbortSignal): number {
  if (state === "COMPLETED") {
    return 0;
  }
  return state === "CANCELLED" && signal.aborted ? INTERRUPTED_EXIT_CODE : 1;
}

async function run(options: Options, terminal: Terminal): Promise<void> {
  const { stage, json, rule: rules } = options;
  const client = new EventBridgeClient();
  const replay = await prepare(client, options);
  terminal.note(...beginningWords(replay, rules).split("\n"));
  const signal = terminal.interruption(() => {
    terminal.note("Cancelling. Press Ctrl-C again to exit at once; the replay may then continue.");
  });
  const pause = async () => {
    await sleep(POLL_INTERVAL_MS, undefined, signal.aborted ? {} : { signal }).catch(
      () => undefined,
    );
  };
  const onProgress = createObserver(terminal);
  const standing = await runReplay({ client, replay, signal, onProgress, pause });
  const { name, archive, period } = replay;
  terminal.print({
    json,
    value: { stage, replay: name, archive: archive.name, rules, ...period, ...standing },
    text: endWords(name, standing).split("\n"),
  });
  terminal.exitCode = exitCodeOf(standing, signal);
}

const collect = (value: string, values: readonly string[] = []) => [...new Set([...values, value])];

/** Adds `replay`. */
export function addReplayCommand(program: Command, terminal: Terminal): void {
  program
    .command("replay")
    .description("send archived events again, to the selected rules only; Ctrl-C cancels")
    .requiredOption("--from <time>", "the first minute, by the time of publishing")
    .requiredOption("--to <time>", "the minute after the last one; at least 10 minutes ago")
    .requiredOption("--rule <name>", "a rule of the stage's bus; can be repeated", collect)
    .option("--archive <name>", "another archive of the same bus")
    .addHelpText("after", HELP)
    .action(async (_options: object, command: Command) => {
      await run(command.optsWithGlobals(), terminal);
    });
}
