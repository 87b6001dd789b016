import type { Filters } from "./agents.ts";
import { channelLabel } from "./format.ts";

interface FilterBarProps {
  readonly filters: Filters;
  readonly onFilters: (filters: Filters) => void;
  readonly statuses: readonly { readonly status: string; readonly count: number }[];
  readonly channels: readonly string[];
  readonly matching: number;
  /** Number of agents in the account. */
  readonly total: number;
}

/** The controls that filter by name, status and channel. */
export function FilterBar(props: FilterBarProps) {
  const { filters, onFilters, statuses, channels, matching, total } = props;
  return (
    <form
      class="filter-bar"
      aria-label="Filter agents"
      onSubmit={(event) => {
        event.preventDefault();
      }}
    >
      <label>
        <span>Name</span>
        <input
          type="search"
          placeholder="Name or email"
          value={filters.text}
          onInput={(event) => {
            onFilters({ ...filters, text: event.currentTarget.value });
          }}
        />
      </label>
      <label>
        <span>Status</span>
        <select
          value={filters.status}
          onChange={(event) => {
            onFilters({ ...filters, status: event.currentTarget.value });
          }}
        >
          <option value="">Any status</option>
          {statuses.map(({ status, count }) => (
            <option key={status} value={status}>
              {`${status} (${count})`}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>Available on</span>
        <select
          value={filters.channel}
          onChange={(event) => {
            onFilters({ ...filters, channel: event.currentTarget.value });
          }}
        >
          <option value="">Any channel</option>
          {channels.map((channel) => (
            <option key={channel} value={channel}>
              {channelLabel(channel)}
            </option>
          ))}
        </select>
      </label>
      <p class="shown" role="status">
        {matching === total ? total : `${matching} of ${total}`} {total === 1 ? "agent" : "agents"}
      </p>
    </form>
  );
}
