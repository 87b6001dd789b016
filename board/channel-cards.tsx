import type { BoardAgent, UncoveredChannel } from "../functions/board/board-data.ts";
import { availableOn } from "./agents.ts";
import { uncoveredText } from "./alerts.ts";
import { channelLabel, displayName, formatSince } from "./format.ts";

const MAX_NAMES = 4;

interface ChannelCardsProps {
  readonly agents: readonly BoardAgent[];
  readonly channels: readonly string[];
  /** The uncovered channels; absent if supervision does not evaluate coverage. */
  readonly uncovered: readonly UncoveredChannel[] | undefined;
  readonly now: number;
  /** Number of names to list; the wallboard lists more. */
  readonly maxNames?: number;
}

interface CoverageProps {
  /** Absent if the channel is covered, closed or not supervised. */
  readonly uncovered: UncoveredChannel | undefined;
  readonly now: number;
}

/** Marks an uncovered channel. Its space is always reserved, so the mark does not shift the layout. */
function Coverage({ uncovered, now }: CoverageProps) {
  return (
    <p class="coverage">
      {uncovered && (
        <strong>
          <span aria-hidden="true">⚠ </span>
          {uncoveredText(uncovered, now)}
        </strong>
      )}
    </p>
  );
}

/** A card for each channel: the number of available agents and the names of those available longest. */
export function ChannelCards(props: ChannelCardsProps) {
  const { agents, channels, uncovered, now, maxNames = MAX_NAMES } = props;
  return (
    <section class="channel-cards" aria-label="Available agents by channel">
      {channels.map((channel) => {
        const available = availableOn(agents, channel);
        const more = available.length - maxNames;
        return (
          <article
            key={channel}
            class={available.length === 0 ? "channel-card empty" : "channel-card"}
            data-channel={channel}
          >
            <h2>{channelLabel(channel)}</h2>
            <p class="channel-count">
              <strong>{available.length}</strong> available
            </p>
            {available.length === 0 ? (
              <p class="nobody">No one is available.</p>
            ) : (
              <ol>
                {available.slice(0, maxNames).map((agent) => (
                  <li key={agent.id}>
                    <span class="name" dir="auto">
                      {displayName(agent)}
                    </span>
                    <span class="duration">{formatSince(agent.channels[channel]?.since, now)}</span>
                  </li>
                ))}
              </ol>
            )}
            <p class="more">{more > 0 ? `and ${more} more` : ""}</p>
            {uncovered && (
              <Coverage uncovered={uncovered.find((each) => each.channel === channel)} now={now} />
            )}
          </article>
        );
      })}
    </section>
  );
}
