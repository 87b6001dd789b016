import { useRef, useState } from "preact/hooks";

import type { BoardAgent } from "../functions/board/board-data.ts";
import { AgentRow } from "./agent-row.tsx";
import type { Limits } from "./alerts.ts";
import type { Sort, SortColumn } from "./agents.ts";
import { channelLabel } from "./format.ts";
import { useVisibleRows } from "./use-visible-rows.ts";

interface AgentTableProps {
  /** Sorted as shown. */
  readonly agents: readonly BoardAgent[];
  readonly channels: readonly string[];
  readonly limits: Limits;
  readonly now: number;
  readonly sort: Sort;
  readonly onSort: (sort: Sort) => void;
  /** Height of a row in CSS pixels. */
  readonly rowHeight: number;
  /** Shows an agent's day; absent if the stage keeps no history. */
  readonly onOpen: ((agentId: string) => void) | undefined;
}

interface HeaderProps {
  readonly column: SortColumn;
  readonly label: string;
  readonly sort: Sort;
  readonly onSort: (sort: Sort) => void;
}

function Header({ column, label, sort, onSort }: HeaderProps) {
  const isSorted = sort.column === column;
  const order = sort.descending ? "descending" : "ascending";
  return (
    <div role="columnheader" class="cell" aria-sort={isSorted ? order : "none"}>
      <button
        type="button"
        onClick={() => {
          onSort({ column, descending: isSorted && !sort.descending });
        }}
      >
        {label}
        <span aria-hidden="true" class="sort-mark">
          {isSorted ? (sort.descending ? "▾" : "▴") : ""}
        </span>
      </button>
    </div>
  );
}

/** A table with one row per agent. Only the rows in the window are rendered. */
export function AgentTable(props: AgentTableProps) {
  const { agents, channels, limits, now, sort, onSort, rowHeight, onOpen } = props;
  const body = useRef<HTMLDivElement>(null);
  const { first, last } = useVisibleRows(body, rowHeight, agents.length);
  const rows = agents.slice(first, last);
  // The table is one Tab stop: the agent who had the focus last. Arrow keys move between agents.
  const [focused, setFocused] = useState<string>();
  const tabStop = rows.find(({ id }) => id === focused) ?? rows[0];
  return (
    <div
      role="table"
      class="agent-table"
      aria-label="Agents"
      aria-rowcount={agents.length + 1}
      data-channels={channels.length}
    >
      <div role="rowgroup" class="table-head">
        <div role="row" class="row head" aria-rowindex={1}>
          <Header column="name" label="Agent" sort={sort} onSort={onSort} />
          <Header column="status" label="Status" sort={sort} onSort={onSort} />
          {channels.map((channel) => (
            <Header
              key={channel}
              column={`channel:${channel}`}
              label={channelLabel(channel)}
              sort={sort}
              onSort={onSort}
            />
          ))}
        </div>
      </div>
      <div
        role="rowgroup"
        class="table-body"
        ref={body}
        style={{ height: `${agents.length * rowHeight}px` }}
      >
        <div class="visible-rows" style={{ transform: `translateY(${first * rowHeight}px)` }}>
          {rows.map((agent, offset) => (
            <AgentRow
              key={agent.id}
              agent={agent}
              channels={channels}
              limit={limits.get(agent.id)}
              index={first + offset + 2}
              now={now}
              onOpen={onOpen}
              isTabStop={agent === tabStop}
              onFocus={setFocused}
            />
          ))}
        </div>
      </div>
    </div>
  );
}
