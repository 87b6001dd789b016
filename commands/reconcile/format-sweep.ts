import type { WriteKind } from "../../functions/reconcile/apply.ts";
import type { Difference, SweepResult } from "../../functions/reconcile/sweep-result.ts";
import { formatCount } from "../shared/count.ts";
import { formatTable } from "../shared/table.ts";

type SweptResult = Extract<SweepResult, { readonly outcome: "swept" }>;
type UnfinishedResult = Extract<SweepResult, { readonly outcome: "unfinished" }>;

const COLUMNS = ["ACTION", "AGENT", "USER ID", "FIELD", "STORED", "FRESHDESK"];

function formatCells(difference: Difference): readonly string[] {
  const { action, availabilityId, userId, field, stored, freshdesk } = difference;
  return [action, availabilityId, userId, field, stored, freshdesk].map((cell) => cell ?? "-");
}

type Counts = Readonly<Record<string, number>>;

const withLabel = (label: string) => (count: number) => `${count.toLocaleString("en")} ${label}`;

/** The text for a number of items of each kind, in the order in which the kinds are printed. */
const labels = {
  repaired: withLabel("repaired"),
  confirmed: withLabel("confirmed"),
  created: withLabel("created"),
  updated: withLabel("updated"),
  session: (count) => formatCount(count, "session"),
  merged: withLabel("removed as merged"),
  forgotten: withLabel("removed as forgotten"),
  removed: withLabel("removed as deleted"),
} as const satisfies Record<WriteKind, (count: number) => string>;

function formatWritten(written: Counts): string {
  const counts = Object.entries(labels).flatMap(([kind, label]) => {
    const count = written[kind] ?? 0;
    return count > 0 ? [label(count)] : [];
  });
  return counts.length === 0 ? "Nothing was written." : `Items written: ${counts.join(", ")}.`;
}

function formatOvertaken({ overtaken = 0 }: Counts): string[] {
  const [verb, object] = overtaken === 1 ? ["was", "it"] : ["were", "them"];
  return overtaken > 0
    ? [
        `${formatCount(overtaken, "item")} changed during the sweep and ${verb} not written. The next sweep compares ${object}.`,
      ]
    : [];
}

export function formatSweep({
  isComplete,
  checked,
  recent,
  differences,
  omitted,
  written,
}: SweptResult): string[] {
  const total = differences.length + omitted;
  return [
    `Compared ${formatCount(checked, "agent")}: ${formatCount(total, "difference")}.`,
    ...formatTable(COLUMNS, differences.map(formatCells)),
    ...(omitted > 0
      ? [`${formatCount(omitted, "more difference")} ${omitted === 1 ? "is" : "are"} not shown.`]
      : []),
    ...(recent > 0
      ? [
          `${formatCount(recent, "agent")} changed within the last minute and will be compared by the next sweep.`,
        ]
      : []),
    ...(isComplete
      ? []
      : [
          "Freshdesk lists more than 50,000 agents, which is the most that reconcile reads. No agent was removed.",
        ]),
    ...(written === undefined
      ? ["Dry run: nothing was written."]
      : [formatWritten(written), ...formatOvertaken(written)]),
  ];
}

export function formatUnfinished({ pagesRead }: UnfinishedResult, isDryRun: boolean): string[] {
  return [
    `Freshdesk's rate limit prevented reconcile from reading all agents in time. Read so far: ${formatCount(pagesRead, "page")} (100 agents per page).`,
    isDryRun
      ? "Dry run: nothing was written. To continue, run the command again."
      : "The sweep continues in the background. Its result will be in the reconcile log.",
  ];
}
