import { useMemo, useRef } from "preact/hooks";

import type { BoardAgent } from "../functions/board/board-data.ts";
import { AgentDay } from "./agent-day.tsx";
import { AgentTable } from "./agent-table.tsx";
import { channelsOf, countStatuses, filterAgents, sortAgents } from "./agents.ts";
import { type Limits, limitsOf, overrunsAt } from "./alerts.ts";
import { Announcer } from "./announcer.tsx";
import { addEarlierChanges } from "./changes.ts";
import { ChannelCards } from "./channel-cards.tsx";
import { FilterBar } from "./filter-bar.tsx";
import { PageHeader } from "./page-header.tsx";
import type { Reading } from "./poll.ts";
import { RecentChanges } from "./recent-changes.tsx";
import type { SignIn } from "./sign-in.ts";
import { type AccountState, useAccount } from "./use-account.ts";
import { useEarlierChanges } from "./use-earlier-changes.ts";
import { useNow } from "./use-now.ts";
import { useRowHeight } from "./use-row-height.ts";
import { useView } from "./use-view.ts";
import { Wallboard } from "./wallboard.tsx";

interface AccountBoardProps {
  readonly stage: string;
  readonly accountId: string;
  readonly accountIds: readonly string[];
  readonly onAccount: (accountId: string) => void;
  /** Whether the stage keeps a history. */
  readonly hasHistory: boolean;
  readonly signIn: SignIn | undefined;
}

/** Smaller clock differences are not corrected, because the server's times are exact only to the second. */
const CLOCK_TOLERANCE_MS = 2000;

function clockCorrection(reading: Reading | undefined): number {
  const offset = reading?.clockOffset ?? 0;
  return Math.abs(offset) > CLOCK_TOLERANCE_MS ? offset : 0;
}

const NO_AGENTS: readonly BoardAgent[] = [];
const NO_LIMITS: Limits = new Map();

/** Returns the changes since the page was opened, and earlier ones from the history. */
function useChanges({ reading, changes }: AccountState, props: AccountBoardProps) {
  const { accountId, hasHistory, signIn } = props;
  const asOf = hasHistory ? reading?.asOf : undefined;
  const openedAt = useRef(asOf);
  openedAt.current ??= asOf;
  const earlier = useEarlierChanges({ accountId, signIn, openedAt: openedAt.current });
  const agents = reading?.data.agents ?? NO_AGENTS;
  const list = useMemo(
    () => addEarlierChanges(changes, earlier ?? [], agents),
    [changes, earlier, agents],
  );
  return { changes: list, hasEarlier: earlier !== undefined };
}

/** Returns the agents' limits, the limits that have been reached, and the uncovered channels. */
function useSupervision(reading: AccountState["reading"], now: number) {
  const data = reading?.data;
  const limits = useMemo(() => (data ? limitsOf(data) : NO_LIMITS), [data]);
  return { limits, overruns: overrunsAt(limits, now), uncovered: data?.uncovered };
}

export function AccountBoard(props: AccountBoardProps) {
  const { stage, accountId, accountIds, onAccount, hasHistory, signIn } = props;
  const account = useAccount(accountId, signIn);
  const { reading, failure } = account;
  const { changes, hasEarlier } = useChanges(account, props);
  const [view, setView] = useView(accountId);
  const now = useNow() + clockCorrection(reading);
  const rowHeight = useRowHeight();
  const agents = reading?.data.agents ?? NO_AGENTS;
  const channels = useMemo(() => channelsOf(agents), [agents]);
  const statuses = useMemo(() => countStatuses(agents), [agents]);
  const matching = useMemo(
    () => sortAgents(filterAgents(agents, view.filters), view.sort),
    [agents, view.filters, view.sort],
  );
  const { limits, overruns, uncovered } = useSupervision(reading, now);
  const agentOfDay = hasHistory ? agents.find(({ id }) => id === view.agent) : undefined;
  function openDay(agent: string): void {
    setView({ agent });
  }
  if (view.wallboard) {
    return (
      <>
        <Wallboard
          {...{ reading, failure, agents, channels, changes, hasEarlier, uncovered, overruns, now }}
        />
        <Announcer key="announcer" uncovered={uncovered} overruns={overruns} />
      </>
    );
  }
  return (
    <>
      <PageHeader
        {...{ stage, accountId, accountIds, onAccount, signIn, account, now }}
        onWallboard={() => {
          setView({ wallboard: true });
        }}
      />
      <main class="page">
        <ChannelCards {...{ agents, channels, uncovered, now }} />
        <div class="columns">
          <section class="agents" aria-label="Agents">
            <FilterBar
              filters={view.filters}
              onFilters={(filters) => {
                setView({ filters });
              }}
              statuses={statuses}
              channels={channels}
              matching={matching.length}
              total={agents.length}
            />
            <AgentTable
              agents={matching}
              channels={channels}
              limits={limits}
              now={now}
              sort={view.sort}
              onSort={(sort) => {
                setView({ sort });
              }}
              rowHeight={rowHeight}
              onOpen={hasHistory ? openDay : undefined}
            />
            {reading && <EmptyTable total={agents.length} matching={matching.length} />}
          </section>
          <RecentChanges changes={changes} hasEarlier={hasEarlier} now={now} />
        </div>
      </main>
      <Announcer key="announcer" uncovered={uncovered} overruns={overruns} />
      {agentOfDay && (
        <AgentDay
          {...{ accountId, agent: agentOfDay, channels, signIn, now }}
          onClose={() => {
            openDay("");
          }}
        />
      )}
    </>
  );
}

/** Explains why the table has no rows. */
function EmptyTable({ total, matching }: { total: number; matching: number }) {
  if (matching > 0) {
    return null;
  }
  return (
    <p class="nothing">
      {total === 0
        ? "No agents yet. Agents appear after their first availability event."
        : "No agents match these filters."}
    </p>
  );
}
