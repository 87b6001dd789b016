import type { DetailType } from "../../functions/availability/catalogue.ts";
import { play, type ProducedEvent } from "./history.ts";
import { type Story, stories } from "./stories.ts";

/** An event that the hub's own code made of a story. */
export interface Example {
  /** The story's name; of several channels each has its own in it. */
  readonly name: string;
  readonly summary: string;
  readonly event: ProducedEvent;
}

/** A story's examples of one type. */
export interface Variant {
  readonly story: Story;
  readonly examples: readonly Example[];
}

function nameOf(story: Story, { detail: { channel } }: ProducedEvent): string {
  return typeof channel === "string" ? `${story.name}: ${channel}` : story.name;
}

const told = stories.map((story) => ({
  story,
  events: play(story.steps, story).at(-1) ?? [],
}));

/** The variants of a type, in the order of the stories. */
export function variantsOf(detailType: DetailType): Variant[] {
  return told
    .map(({ story, events }) => ({
      story,
      examples: events
        .filter((event) => event["detail-type"] === detailType)
        .map((event) => ({ name: nameOf(story, event), summary: story.summary, event })),
    }))
    .filter(({ examples }) => examples.length > 0);
}

/** The examples of a type, in the order of the stories. */
export function examplesOf(detailType: DetailType): Example[] {
  return variantsOf(detailType).flatMap(({ examples }) => examples);
}
