import { InvalidArgumentError } from "commander";

import { commandLine } from "../shared/arguments.ts";

/** `--epoch`: the epoch of the restore to resume, or `now` to start another restore anyway. */
export type EpochOption = number | "now";

export function parseEpoch(text: string): EpochOption {
  if (text === "now") {
    return text;
  }
  if (!/^[1-9]\d{12}$/.test(text)) {
    throw new InvalidArgumentError(
      "Must be the epoch that the interrupted restore printed, in milliseconds, or now.",
    );
  }
  return Number(text);
}

/** The options that identify a restore. */
export interface RestoreRequest {
  readonly stage: string;
  readonly from?: string;
  readonly rollBack: boolean;
  /** Agents per second. */
  readonly rate: number;
}

export function formatRestoreCommand(request: RestoreRequest, epoch: EpochOption): string {
  const { from, rollBack, rate, stage } = request;
  const options = [
    from === undefined ? "" : ` --from ${from}`,
    rollBack ? " --roll-back" : "",
    rate === 100 ? "" : ` --rate ${rate}`,
  ];
  return commandLine(`restore${options.join("")} --epoch ${epoch}`, stage);
}
