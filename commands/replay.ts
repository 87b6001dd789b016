import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { SSMClient } from "@aws-sdk/client-ssm";
import { type Command, Option } from "commander";

import { pause } from "../functions/publisher/pause.ts";
import { findArchive, requireArchived } from "./replay/archive.ts";
import { formatProgress, formatResult, formatStart } from "./replay/format-replay.ts";
import { parsePeriod, type PeriodOptions } from "./replay/period.ts";
import { findRules } from "./replay/rules.ts";
import { type Replay, type ReplayStatus, runReplay } from "./replay/run-replay.ts";
import { type GlobalOptions, parseDuration, parseInstant } from "./shared/arguments.ts";
import { CommandError } from "./shared/command-error.ts";
import { findParameters } from "./shared/deployed-stage.ts";
import { INTERRUPTED_EXIT_CODE, type Terminal } from "./shared/terminal.ts";

interface Options extends GlobalOptions, PeriodOptions {
  /** Names, each once. */
  readonly rule: readonly string[];
  readonly archive?: string;
}

const HELP = `
Times are ISO 8601, for example 2026-11-25T14:00Z or 2026-11-25T15:00+01:00; without an offset they are UTC.

Exit codes:
  0    all events were replayed
  1    the command or the replay failed, or the replay was canceled in AWS
  130  the replay was canceled by Ctrl-C`;

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

/** Returns a unique name of at most 64 characters, as EventBridge allows. */
function nameOf(stage: string, now: Date): string {
  const time = now.toISOString().replaceAll(/[-:]|\.\d+Z/g, "");
  return `agent-availability-${stage}-${time}-${randomBytes(3).toString("hex")}`;
}

async function prepare(client: EventBridgeClient, options: Options): Promise<Replay> {
  const now = new Date();
  const { stage, archive: selected, rule: rules } = options;
  const period = parsePeriod(options, now);
  const ssm = new SSMClient();
  const bus = await findParameters(ssm, stage, ["bus-arn", "bus-name"]);
  const archiveName = selected ?? (await archiveOf(ssm, stage));
  const archive = await findArchive(client, archiveName, bus["bus-arn"]);
  requireArchived(archive, period, now);
  const ruleArns = await findRules(client, bus["bus-name"], rules);
  return { name: nameOf(stage, now), archive, busArn: bus["bus-arn"], ruleArns, period };
}

/** Prints the state of a replay when it has changed. */
function createObserver(terminal: Terminal) {
  let last = "";
  return (status: ReplayStatus) => {
    const line = formatProgress(status);
    if (line !== last) {
      last = line;
      terminal.note(line);
    }
  };
}

function exitCodeOf({ state }: ReplayStatus, signal: AbortSignal): number {
  if (state === "COMPLETED") {
    return 0;
  }
  return state === "CANCELLED" && signal.aborted ? INTERRUPTED_EXIT_CODE : 1;
}

async function run(options: Options, terminal: Terminal): Promise<void> {
  const { stage, json, rule: rules } = options;
  const client = new EventBridgeClient();
  const replay = await prepare(client, options);
  terminal.note(...formatStart(replay, rules));
  const signal = terminal.interruption(() => {
    terminal.note(
      "Canceling. Press Ctrl-C again to exit immediately; the replay may then continue.",
    );
  });
  const status = await runReplay({
    client,
    replay,
    signal,
    onProgress: createObserver(terminal),
    // A canceled replay also takes a while to end.
    pause: async () => {
      await (signal.aborted ? sleep(POLL_INTERVAL_MS) : pause(POLL_INTERVAL_MS, signal));
    },
  });
  const { name, archive, period } = replay;
  terminal.print({
    json,
    value: { stage, replay: name, archive: archive.name, rules, ...period, ...status },
    text: [formatResult(name, status)],
  });
  terminal.exitCode = exitCodeOf(status, signal);
}

const collect = (value: string, values: readonly string[] = []) => [...new Set([...values, value])];

export function addReplayCommand(program: Command, terminal: Terminal): void {
  program
    .command("replay")
    .description("send archived events again, to the selected rules only; Ctrl-C cancels")
    .option(
      "--from <time>",
      "start of the period, by publishing time, rounded down to the minute",
      parseInstant,
    )
    .option(
      "--to <time>",
      "end of the period, exclusive, rounded up to the minute; at least 10 minutes ago",
      parseInstant,
    )
    .addOption(
      new Option(
        "--last <duration>",
        "replay the events from this long ago until 10 minutes ago, for example 2h; instead of --from and --to",
      )
        .argParser(parseDuration)
        .conflicts(["from", "to"]),
    )
    .requiredOption(
      "--rule <name>",
      "name of a rule on the stage's bus; only the named rules receive the events; can be repeated",
      collect,
    )
    .option(
      "--archive <name>",
      "archive to replay, if not the stage's own; must belong to the same bus",
    )
    .addHelpText("after", HELP)
    .action(async (_options: object, command: Command) => {
      await run(command.optsWithGlobals(), terminal);
    });
}
