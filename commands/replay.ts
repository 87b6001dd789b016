import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { SSMClient } from "@aws-sdk/client-ssm";

import { CommandError } from "./command-error.ts";
import { misunderstood, readCommandLine, stageOptions } from "./command-line.ts";
import { findParameters } from "./deployed-stage.ts";
import { interruption } from "./interruption.ts";
import { findArchive, requireKept } from "./replay/archive.ts";
import { periodOf } from "./replay/period.ts";
import { findRules } from "./replay/rules.ts";
import { type Replay, runReplay, type Standing } from "./replay/run.ts";
import { TIMES } from "./replay/time.ts";
import { beginningWords, endWords, progressWords } from "./replay/words.ts";
import { tellFailure } from "./tell-failure.ts";

const USAGE = `npm run replay -- --from TIME --to TIME --rule NAME [--rule NAME]... [--archive NAME] [--stage NAME] [--json]

  sends whole minutes of the stage's archive once more, by the time of publishing, to the rules named and
  to no other, and looks at it until it has ended. Ctrl-C cancels it. docs/operate/replay.md has more.

  --from     the first minute
  --to       the minute after the last one; at least 10 minutes ago
  --rule     a rule of the stage's bus; may be given again
  --archive  another archive of the same bus, such as one that outlived its stack
  --stage    the deployed stage; default dev
  --json     for programs

  times:
    ${TIMES}

  exit code 0: all was replayed; 1: it was refused, or failed; 130: it was cancelled by Ctrl-C`;

function read(args: readonly string[]) {
  const { values } = readCommandLine(USAGE, {
    args: [...args],
    options: {
      from: { type: "string" },
      to: { type: "string" },
      rule: { type: "string", multiple: true, default: [] },
      archive: { type: "string" },
      ...stageOptions,
    },
  });
  const { from, to, rule } = values;
  if (from === undefined || to === undefined) {
    throw misunderstood(
      "say from when until when: --from and --to are missing, or one of them",
      USAGE,
    );
  }
  if (rule.length === 0) {
    throw misunderstood(
      "say to which rules, by --rule NAME: a replay to all would reach every team that listens",
      USAGE,
    );
  }
  return { ...values, from, to, rules: [...new Set(rule)] };
}

type Typed = ReturnType<typeof read>;

/** How often it is looked at. */
const LOOK_MS = 2000;

async function archiveOf(ssm: SSMClient, stage: string): Promise<string> {
  try {
    return (await findParameters(ssm, stage, ["archive-name"]))["archive-name"];
  } catch (error) {
    if (!(error instanceof CommandError)) {
      throw error;
    }
    throw new CommandError(
      `stage "${stage}" has no archive: its stack AgentAvailabilityCatalogue is not deployed, or archiveDays is 0; an archive of the same bus that is left from before can be named with --archive`,
      { cause: error },
    );
  }
}

const LETTERS = 6;

/** At most 64 characters, as EventBridge allows. */
function nameOf(stage: string, now: Date): string {
  const time = now.toISOString().replaceAll(/[-:]|\.\d+Z/g, "");
  return `agent-availability-${stage}-${time}-${randomBytes(LETTERS / 2).toString("hex")}`;
}

async function prepare(client: EventBridgeClient, typed: Typed): Promise<Replay> {
  const now = new Date();
  const { stage, archive: named, rules } = typed;
  const period = periodOf(typed, now);
  const ssm = new SSMClient();
  const bus = await findParameters(ssm, stage, ["bus-arn", "bus-name"]);
  const name = named ?? (await archiveOf(ssm, stage));
  const archive = await findArchive(client, name, bus["bus-arn"]);
  requireKept(archive, period, now);
  const ruleArns = await findRules(client, bus["bus-name"], rules);
  return { name: nameOf(stage, now), archive, busArn: bus["bus-arn"], ruleArns, period };
}

/** Tells a person, on stderr, what has changed since the last look. */
function teller(json: boolean) {
  let told = "";
  return (standing: Standing) => {
    const words = progressWords(standing);
    if (!json && words !== told) {
      told = words;
      console.error(words);
    }
  };
}

function exitCodeOf({ state }: Standing, signal: AbortSignal): number {
  if (state === "COMPLETED") {
    return 0;
  }
  return state === "CANCELLED" && signal.aborted ? 130 : 1;
}

function report({ stage, rules, json }: Typed, replay: Replay, standing: Standing): string {
  const { name, archive, period } = replay;
  return json
    ? JSON.stringify({ stage, replay: name, archive: archive.name, rules, ...period, ...standing })
    : endWords(name, standing);
}

async function run(typed: Typed): Promise<void> {
  const { rules, json } = typed;
  const client = new EventBridgeClient();
  const replay = await prepare(client, typed);
  if (!json) {
    console.error(beginningWords(replay, rules));
  }
  const signal = interruption(() => {
    console.error("Cancelling; once more ends this command, and the replay may go on.");
  });
  const pause = async () => {
    await sleep(LOOK_MS, undefined, signal.aborted ? {} : { signal }).catch(() => undefined);
  };
  const standing = await runReplay({ client, replay, signal, onProgress: teller(json), pause });
  console.log(report(typed, replay, standing));
  process.exitCode = exitCodeOf(standing, signal);
}

await tellFailure(async () => {
  await run(read(process.argv.slice(2)));
});
