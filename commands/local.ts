import { type Command, InvalidArgumentError, Option } from "commander";

import { type Cloud, readCloud } from "../local/emulator/cloud.ts";
import { environmentCommands, environmentOf } from "../local/cloud-variables.ts";
import { people, type PersonName } from "../local/sample-day/people.ts";
import { statuses } from "../local/sample-day/story.ts";
import { channelsOf, sendChange } from "../local/send.ts";
import { LocalError } from "../tools/run/local-error.ts";
import type { GlobalOptions } from "./shared/arguments.ts";
import { CommandError } from "./shared/command-error.ts";
import type { Terminal } from "./shared/terminal.ts";

interface SendOptions extends GlobalOptions {
  readonly status?: keyof typeof statuses;
  readonly open: readonly string[];
  readonly close: readonly string[];
}

/** @throws CommandError if this checkout's local cloud is not running. */
function runningCloud(): Cloud {
  const cloud = readCloud();
  if (cloud === undefined) {
    throw new CommandError(
      "The local cloud of this checkout is not running. Start it with npm start or npm run local:up.",
    );
  }
  return cloud;
}

const isPersonName = (text: string): text is PersonName => Object.hasOwn(people, text);

function parsePersonName(text: string): PersonName {
  if (!isPersonName(text)) {
    throw new InvalidArgumentError(`Must be one of ${Object.keys(people).join(", ")}.`);
  }
  return text;
}

/**
 * @throws CommandError if the agent does not have one of the channels, or if a channel is both opened and
 * closed.
 */
function checkChannels(agent: PersonName, { open, close }: SendOptions): void {
  const allowed = channelsOf(agent);
  for (const [option, channels] of [["--open", open] as const, ["--close", close] as const]) {
    const unknown = channels.find((channel) => !allowed.includes(channel));
    if (unknown !== undefined) {
      throw new CommandError(
        `${option} must be a channel of ${agent}: ${allowed.join(", ")} (got ${JSON.stringify(unknown)})`,
      );
    }
  }
  const both = open.find((channel) => close.includes(channel));
  if (both !== undefined) {
    throw new CommandError(`--open and --close must not name the same channel (got "${both}")`);
  }
}

async function send(agent: PersonName, options: SendOptions, terminal: Terminal): Promise<void> {
  const { status, open, close, json } = options;
  checkChannels(agent, options);
  if (status === undefined && open.length === 0 && close.length === 0) {
    throw new CommandError("at least one of --status, --open and --close is required");
  }
  try {
    const sent = await sendChange(runningCloud(), { agent, status, open, close });
    const changes = [
      ...(status === undefined ? [] : [status]),
      ...open.map((channel) => `${channel} open`),
      ...close.map((channel) => `${channel} closed`),
    ];
    terminal.print({
      json,
      value: sent,
      text: [`${sent.name}: ${changes.join(", ")} (${sent.outcome}, version ${sent.version}).`],
    });
  } catch (error) {
    throw error instanceof LocalError ? new CommandError(error.message, { cause: error }) : error;
  }
}

/** Adds `local`. These commands exist only in a checkout, as does the local cloud. */
export function addLocalCommand(program: Command, terminal: Terminal): void {
  const local = program
    .command("local")
    .description("use the local cloud that npm start or npm run local:up started");
  local
    .command("env")
    .description(
      'print the environment variables of the local cloud; to set them: eval "$(npx agent-availability local env)"',
    )
    .action((_options: object, command: Command) => {
      const { json } = command.optsWithGlobals<GlobalOptions>();
      const cloud = runningCloud();
      terminal.print({ json, value: environmentOf(cloud), text: environmentCommands(cloud) });
    });
  local
    .command("send")
    .description("send a signed event that changes a sample agent")
    .argument("<agent>", `one of ${Object.keys(people).join(", ")}`, parsePersonName)
    .addOption(new Option("--status <name>", "the new status").choices(Object.keys(statuses)))
    .option("--open <channel...>", "channels on which the agent becomes available", [])
    .option("--close <channel...>", "channels on which the agent becomes unavailable", [])
    .action(async (agent: PersonName, _options: object, command: Command) => {
      await send(agent, command.optsWithGlobals<SendOptions>(), terminal);
    });
}
