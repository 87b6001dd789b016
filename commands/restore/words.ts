import { commandWords } from "../command-line.ts";
import type { Progress } from "./run.ts";

/** What was asked for. */
export interface Asked {
  readonly from?: string | undefined;
  readonly stage: string;
  readonly rate: string;
  readonly "roll-back": boolean;
}

/** The command of the same restore, with that epoch. */
export function restoreCommand(asked: Asked, epoch: number | "now"): string {
  const { from, rate, stage } = asked;
  const flags = [
    from === undefined ? "" : ` --from ${from}`,
    asked["roll-back"] ? " --roll-back" : "",
    rate === "100" ? "" : ` --rate ${rate}`,
  ];
  return commandWords(`restore --${flags.join("")} --epoch ${epoch}`, stage);
}

/** What is about to happen, for a person to say yes to. */
export function consequence({ from, stage, "roll-back": rollBack }: Asked): string {
  const before = from === undefined ? "" : `, after what ${from} holds is put into its table`;
  const over = from !== undefined && rollBack ? ", also over newer states" : "";
  return `Every agent of stage ${stage} is published anew${before}${over}.`;
}

/** What came of it. */
export function reportWords(progress: Progress, epoch: number): string {
  const { restored, forgotten, kept, renewed, current, failed } = progress;
  return [
    `restored      ${restored}`,
    `kept          ${kept}  the table's own is as new, or newer`,
    `kept out      ${forgotten}  forgotten after the backup`,
    `new epoch     ${renewed}  besides those restored: ${epoch}`,
    `had it        ${current}  of the table, those restored among them`,
    `failed        ${failed.length}`,
    ...failed.map(({ agent, reason }) => `  ${agent}: ${reason}`),
  ].join("\n");
}

/** Whether nobody's state is told by what was done. */
export const isNothingTold = ({ restored, renewed }: Progress) => restored + renewed === 0;

/** Why nothing was told, for a person who expected something. */
export function nothingWords({ current, failed }: Progress, epoch: number, stage: string): string {
  if (current === 0) {
    return failed.length === 0
      ? `Nobody was published: the table of stage ${stage} has no agents.`
      : `Nobody was published: of the table of stage ${stage} none could be.`;
  }
  return `Nobody was published: ${current} in the table of stage ${stage}, and each has epoch ${epoch} or a later one already.`;
}
