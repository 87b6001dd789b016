import { channelNames, people } from "./sample-day/people.ts";
import type { Cloud } from "./emulator/cloud.ts";
import { environmentCommands } from "./environment.ts";

/** A command as it is pasted, and what it is for. */
interface Suggestion {
  readonly title: string;
  /** Its parts, each on a line of its own. */
  readonly command: readonly string[];
}

function suggestions({ accounts, stage, tableName, busName }: Cloud): Suggestion[] {
  const [account] = accounts;
  return [
    {
      title: `${people.rachel.name} goes to lunch:`,
      command: [
        "npx agent-availability local send rachel",
        `--status Lunch --close ${channelNames.chat}`,
      ],
    },
    ...(account === undefined
      ? []
      : [
          {
            title: "All agents:",
            command: [`npx agent-availability agent list ${account.accountId}`, `--stage ${stage}`],
          },
        ]),
    {
      title: "The board, as for a stage on AWS:",
      command: [`npx agent-availability board --stage ${stage}`],
    },
    {
      title: "With the AWS CLI:",
      command: ["aws dynamodb scan", `--table-name ${tableName}`],
    },
    { title: "", command: ["aws events list-rules", `--event-bus-name ${busName}`] },
  ];
}

/** The lines of a command, continued as a shell does. */
const lines = (command: readonly string[]) => command.join(" \\\n    ").split("\n");

const indented = (text: readonly string[]) => text.map((line) => `  ${line}`);

function formatSuggestion({ title, command }: Suggestion): string[] {
  const heading = title === "" ? [] : ["", title, ""];
  return heading.concat(indented(lines(command)));
}

/** Formats what a person can do with a running local cloud, in at most 60 columns. */
export function formatNextSteps(cloud: Cloud): string {
  return [
    "To use the local cloud, in another terminal in this folder:",
    "",
    ...indented(environmentCommands(cloud)),
    ...suggestions(cloud).flatMap(formatSuggestion),
    "",
    "Clients find everything in .local/cloud.json.",
    "The log is .local/local-cloud.log.",
  ].join("\n");
}
