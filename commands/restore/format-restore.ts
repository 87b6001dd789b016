import { formatCount } from "../shared/count.ts";
import type { Progress } from "./restore-all.ts";
import type { RestoreRequest } from "./restore-request.ts";

export function formatConsequence({ from, stage, rollBack }: RestoreRequest): string {
  const over = rollBack ? ", overwriting newer state" : "";
  const restores = from === undefined ? "" : `restores the items of ${from}${over}, then `;
  return `This ${restores}republishes the current state of every agent (stage ${stage}).`;
}

export function formatProgress(
  { restored, kept, forgotten, republished, current }: Progress,
  { from }: RestoreRequest,
): string {
  const items = formatCount(republished + current, "item");
  return from === undefined
    ? `Processed ${items}.`
    : `Processed ${formatCount(restored + kept + forgotten, "item")} from the backup and ${items} in the table.`;
}

export function formatResult(
  { restored, kept, forgotten, republished, current, failed }: Progress,
  epoch: number,
  { from }: RestoreRequest,
): string[] {
  const lines =
    from === undefined
      ? [
          `republished      ${republished}  items, with the new epoch ${epoch}`,
          `already current  ${current}  items that had this epoch or a later one`,
        ]
      : [
          `restored         ${restored}  items of the backup`,
          `kept             ${kept}  items that the table has in the same or a newer state`,
          `forgotten        ${forgotten}  items not restored: their agents were forgotten, or possibly forgotten, after the backup`,
          `republished      ${republished}  other items, with the new epoch ${epoch}`,
          `already current  ${current}  items that had this epoch or a later one, including those restored`,
        ];
  return [
    ...lines,
    `failed           ${failed.length}`,
    ...failed.map(({ agent, reason }) => `  ${agent}: ${reason}`),
  ];
}

export const isNothingPublished = ({ restored, republished }: Progress) =>
  restored + republished === 0;

export function formatNothingPublished(
  { current, failed }: Progress,
  epoch: number,
  stage: string,
): string {
  if (current > 0) {
    return `Nothing was published: every item of stage ${stage} (${current}) already has epoch ${epoch} or a later one.`;
  }
  return failed.length === 0
    ? `Nothing was published: the table of stage ${stage} has no items to publish.`
    : `Nothing was published: restoring or republishing failed for every item of stage ${stage}.`;
}
