import { randomBytes } from "node:crypto";

import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { SSMClient } from "@aws-sdk/client-ssm";
import { type Command, Option } from "commander";

import { detailTypes } from "../functions/availability/catalogue.ts";
import { SOURCE } from "../functions/availability/typed-event.ts";
import { type GlobalOptions, parseAccountId } from "./shared/arguments.ts";
import { describeCause } from "./shared/aws-failure.ts";
import { createSqsClient } from "./shared/clients.ts";
import { CommandError } from "./shared/command-error.ts";
import { findParameters } from "./shared/deployed-stage.ts";
import type { Terminal } from "./shared/terminal.ts";
import { formatEvent } from "./watch/format-event.ts";
import { subscribe } from "./watch/temporary-subscription.ts";

/** An aborted long poll still takes the next message, so each is short enough to wait for. */
const WAIT_SECONDS = 1;

interface WatchOptions extends GlobalOptions {
  readonly account?: string;
  readonly agent?: string;
  readonly type?: readonly string[];
}

/** Returns the EventBridge pattern of the events to print. */
function patternOf({ account, agent, type }: WatchOptions): object {
  const detail = {
    ...(account !== undefined && { accountId: [parseAccountId(account)] }),
    ...(agent !== undefined && {
      agent: { $or: [{ availabilityId: [agent] }, { userId: [agent] }] },
    }),
  };
  return {
    source: [SOURCE],
    ...(type !== undefined && { "detail-type": type }),
    ...(Object.keys(detail).length > 0 && { detail }),
  };
}

/** Prints events until Ctrl-C, then removes the rule and the queue that it received them with. */
async function watch(options: WatchOptions, terminal: Terminal): Promise<void> {
  const { stage, json } = options;
  const pattern = patternOf(options);
  const interrupted = terminal.interruption();
  const { "bus-name": busName } = await findParameters(new SSMClient(), stage, ["bus-name"]);
  const name = `agent-availability-watch-${randomBytes(4).toString("hex")}`;
  const subscription = await subscribe({
    eventBridge: new EventBridgeClient(),
    sqs: createSqsClient(),
    busName,
    name,
    pattern,
  });
  try {
    terminal.note(
      `Watching events of stage ${stage} until you press Ctrl-C, with the temporary rule and queue ${name}.`,
    );
    while (!interrupted.aborted) {
      for (const event of await subscription.receive(WAIT_SECONDS)) {
        terminal.print({ json, value: event, text: [formatEvent(event)] });
      }
    }
  } finally {
    await subscription.remove().catch((error: unknown) => {
      throw new CommandError(
        `the rule ${name} on the bus ${busName} and the queue ${name} could not be removed: ${describeCause(error)}. Delete them manually.`,
        { cause: error },
      );
    });
    terminal.note(`Removed the rule and the queue ${name}.`);
  }
}

export function addWatchCommand(program: Command, terminal: Terminal): void {
  program
    .command("watch")
    .description("print events of the bus as they are published, until Ctrl-C")
    .option("--account <id>", "only events of this Freshdesk account")
    .option("--agent <id>", "only events of the agent with this availability ID or user ID")
    .addOption(new Option("--type <type...>", "only events of these types").choices(detailTypes))
    .action(async (_options: object, command: Command) => {
      await watch(command.optsWithGlobals<WatchOptions>(), terminal);
    });
}
