import type { DetailType } from "../functions/availability/catalogue.ts";
import { play, type ProducedEvent } from "./history.ts";
import { stories } from "./stories.ts";

/** An event that the hub's own code made of a story. */
export interface Example {
  /** The story's name; of several channels each has its own in it. */
  readonly name: string;
  readonly summary: string;
  readonly event: ProducedEvent;
}

const told = stories.flatMap(({ name, summary, steps, personalData }) =>
  (play(steps, { personalData }).at(-1) ?? []).map((event): Example => {
    const { channel } = event.detail;
    const which = typeof channel === "string" ? `${name}: ${channel}` : name;
    return { name: which, summary, event };
  }),
);

/** The examples of a type, in the order of the stories. */
export function examplesOf(detailType: DetailType): Example[] {
  return told.filter(({ event }) => event["detail-type"] === detailType);
}
