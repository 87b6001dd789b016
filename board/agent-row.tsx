import type { TargetedKeyboardEvent } from "preact";
import { memo } from "preact/compat";

import type { BoardAgent, BoardChannel } from "../functions/board/board-data.ts";
import { type Limit, overrunText } from "./alerts.ts";
import { channelLabel, displayName, formatSince, initialsOf, statusLabel } from "./format.ts";

interface ChannelCellProps {
  readonly channel: string;
  readonly state: BoardChannel | undefined;
  readonly now: number;
}

function availabilityOf(state: BoardChannel | undefined): "available" | "unavailable" | "unknown" {
  if (state?.available === undefined) {
    return "unknown";
  }
  return state.available ? "available" : "unavailable";
}

const MARKS = { available: "●", unavailable: "○", unknown: "–" } as const;
const LABELS = { available: "Available", unavailable: "Unavailable", unknown: "Unknown" } as const;

function ChannelCell({ channel, state, now }: ChannelCellProps) {
  const kind = availabilityOf(state);
  return (
    <div role="cell" class={`cell channel ${kind}`} data-channel={channel}>
      <span class="channel-name" aria-hidden="true">
        {channelLabel(channel)}
      </span>
      <span aria-hidden="true" class="mark">
        {MARKS[kind]}
      </span>
      <span class="channel-state">{LABELS[kind]}</span>
      <span class="duration">{kind === "unknown" ? "" : formatSince(state?.since, now)}</span>
    </div>
  );
}

interface AgentRowProps {
  readonly agent: BoardAgent;
  readonly channels: readonly string[];
  /** The limit of the agent's status, if it has one. */
  readonly limit: Limit | undefined;
  /** Position among all rows, counted from 1. The row of column headers is row 1. */
  readonly index: number;
  readonly now: number;
  /** Shows the agent's day; absent if the stage keeps no history. */
  readonly onOpen: ((agentId: string) => void) | undefined;
  readonly isTabStop: boolean;
  readonly onFocus: (agentId: string) => void;
}

const STEPS: ReadonlyMap<string, number> = new Map([
  ["ArrowDown", 1],
  ["ArrowUp", -1],
]);

/** Moves the focus to the name in the next or previous row. */
function moveFocus(event: TargetedKeyboardEvent<HTMLElement>): void {
  const name = event.currentTarget;
  const names = [
    ...(name.closest(".table-body")?.querySelectorAll<HTMLElement>(".open-agent") ?? []),
  ];
  const step = STEPS.get(event.key);
  const next = step === undefined ? undefined : names[names.indexOf(name) + step];
  if (next !== undefined) {
    event.preventDefault();
    next.focus();
  }
}

/** The agent's name. If the agent's day can be opened, the whole row is clickable. */
function AgentName({
  agent,
  onOpen,
  isTabStop,
  onFocus,
}: Pick<AgentRowProps, "agent" | "onOpen" | "isTabStop" | "onFocus">) {
  const name = displayName(agent);
  return onOpen === undefined ? (
    <span class="name" dir="auto" title={name}>
      {name}
    </span>
  ) : (
    <button
      type="button"
      class="name open-agent"
      dir="auto"
      title={name}
      aria-haspopup="dialog"
      tabIndex={isTabStop ? 0 : -1}
      onFocus={() => {
        onFocus(agent.id);
      }}
      onKeyDown={moveFocus}
      onClick={() => {
        onOpen(agent.id);
      }}
    >
      {name}
    </button>
  );
}

/** The time in the status, or the time over its limit. */
function TimeInStatus({ agent, limit, now }: Pick<AgentRowProps, "agent" | "limit" | "now">) {
  const overrun = overrunText(limit, now);
  return overrun === "" ? (
    <span class="duration">{formatSince(agent.status?.since, now)}</span>
  ) : (
    <span class="overrun">
      <span aria-hidden="true">⚠ </span>
      {overrun}
    </span>
  );
}

/** One agent: name, status with its duration, and each channel. */
export const AgentRow = memo((props: AgentRowProps) => {
  const { agent, channels, limit, index, now, onOpen, isTabStop, onFocus } = props;
  const name = displayName(agent);
  const isAvailable = Object.values(agent.channels).some(({ available }) => available === true);
  return (
    <div role="row" aria-rowindex={index} class="row" data-agent={agent.id}>
      <div role="rowheader" class="cell agent">
        <span class={isAvailable ? "avatar available" : "avatar"} aria-hidden="true">
          {initialsOf(name)}
        </span>
        <span class="agent-text">
          <AgentName {...{ agent, onOpen, isTabStop, onFocus }} />
          <span class="login">{agent.loggedIn === false ? "Logged out" : ""}</span>
        </span>
      </div>
      <div role="cell" class="cell status">
        <span class="status-name" dir="auto" title={statusLabel(agent)}>
          {statusLabel(agent)}
        </span>
        <TimeInStatus agent={agent} limit={limit} now={now} />
      </div>
      {channels.map((channel) => (
        <ChannelCell key={channel} channel={channel} state={agent.channels[channel]} now={now} />
      ))}
    </div>
  );
});
