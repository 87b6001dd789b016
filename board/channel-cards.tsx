import type { BoardAgent } from "../functions/board/board-data.ts";
import { availableOn } from "./agents.ts";
import { channelLabel, displayName, formatSince } from "./format.ts";

const MAX_NAMES = 4;

interface ChannelCardsProps {
  readonly agents: readonly BoardAgent[];
  readonly channels: readonly string[];
  readonly now: number;
  /** How many names to list; the wallboard lists more. */
  readonly maxNames?: number;
}

/** For each channel: how many agents are available, and who has been available longest. */
export function ChannelCards({ agents, channels, now, maxNames = MAX_NAMES }: ChannelCardsProps) {
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
          </article>
        );
      })}
    </section>
  );
}
