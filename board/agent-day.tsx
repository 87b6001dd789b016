import { useEffect, useMemo, useRef } from "preact/hooks";

import type { BoardAgent } from "../functions/board/board-data.ts";
import { dayOf, intervalsOf } from "./day.ts";
import { DayBar } from "./day-bar.tsx";
import { DayChanges, DayTimes } from "./day-tables.tsx";
import { displayName, formatClock, formatSince, statusLabel } from "./format.ts";
import type { PollFailure } from "./poll.ts";
import type { SignIn } from "./sign-in.ts";
import { type AgentDayState, useAgentDay } from "./use-agent-day.ts";

interface AgentDayProps {
  readonly accountId: string;
  readonly agent: BoardAgent;
  readonly channels: readonly string[];
  readonly signIn: SignIn | undefined;
  /** The server's time: epoch milliseconds. */
  readonly now: number;
  readonly onClose: () => void;
}

const timeZone = new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A dialog with one agent's day. It covers the page, so no row moves. Escape closes it. */
export function AgentDay({ accountId, agent, channels, signIn, now, onClose }: AgentDayProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const { from, to } = dayOf(now);
  const day = useMemo(() => ({ from, to }), [from, to]);
  const { reading, failure } = useAgentDay({ accountId, agentId: agent.id, signIn, day });
  const intervals = useMemo(
    () => (reading ? intervalsOf(reading.data, Math.min(reading.asOf, day.to)) : []),
    [reading, day],
  );
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      class="agent-day"
      aria-labelledby="agent-day"
      // Closes the dialog on a click outside it, in browsers that support this.
      closedby="any"
      onClose={onClose}
    >
      <div class="agent-day-content">
        <header>
          <h2 id="agent-day" dir="auto">
            {displayName(agent)}
          </h2>
          <button type="button" onClick={() => dialog.current?.close()}>
            Close
          </button>
        </header>
        <p>
          <span dir="auto">{statusLabel(agent)}</span>{" "}
          <span class="duration">{formatSince(agent.status?.since, now)}</span>
        </p>
        <DayState reading={reading} failure={failure} />
        {reading && intervals.length > 0 && (
          <>
            <DayBar day={day} intervals={intervals} channels={channels} />
            <DayTimes intervals={intervals} />
            <DayChanges intervals={intervals} channels={channels} />
          </>
        )}
      </div>
    </dialog>
  );
}

/** States how much of the day is shown, or why nothing is shown. Screen readers announce only problems. */
function DayState({ reading, failure }: AgentDayState) {
  const until = reading && formatClock(reading.asOf - reading.clockOffset);
  const isLoading = reading === undefined && failure === undefined;
  return (
    <p class="day-state">
      {until === undefined ? "" : `Today until ${until} (${timeZone}) `}
      {isLoading ? "Loading" : ""}
      <span role="status">{failure === undefined ? "" : problemOf(failure)}</span>
    </p>
  );
}

function problemOf(failure: PollFailure): string {
  return failure === "signed-out"
    ? "Your sign-in has expired. Close this window and sign in again."
    : "The history could not be read. Trying again.";
}
