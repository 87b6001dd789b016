import type { DetailType } from "../../functions/availability/catalogue.ts";
import { entryOf } from "../../functions/bus/entry.ts";
import { wrapInEnvelope, play, type ProducedEvent } from "./history.ts";
import { type Story, stories } from "./stories.ts";
import { supervisionExamples } from "./supervision.ts";

/** An event that the hub's own code produced from a story. */
export interface Example {
  /** The story's name, followed by the channel if the event is about one. */
  readonly name: string;
  readonly summary: string;
  readonly event: ProducedEvent;
}

function nameOf(story: Story, { detail: { channel } }: ProducedEvent): string {
  return typeof channel === "string" ? `${story.name}: ${channel}` : story.name;
}

const playedStories = stories.map((story) => ({
  story,
  events: play(story.steps, story).at(-1) ?? [],
}));

const storyExamples: readonly Example[] = playedStories.flatMap(({ story, events }) =>
  events.map((event) => ({ name: nameOf(story, event), summary: story.summary, event })),
);

const deliveredSupervisionExamples: readonly Example[] = supervisionExamples.map(
  ({ name, summary, event, publishedAt }) => {
    const time = new Date(publishedAt);
    return {
      name,
      summary,
      event: wrapInEnvelope(entryOf(event, "agent-availability", time), time),
    };
  },
);

/** Returns the examples of a type, in the order of the stories. */
export function examplesOf(detailType: DetailType): Example[] {
  return [...storyExamples, ...deliveredSupervisionExamples].filter(
    ({ event }) => event["detail-type"] === detailType,
  );
}
