import type { Cloud } from "../../local/emulator/cloud.ts";
import type { Listener, ReceivedEvent } from "../../local/sample-day/listener.ts";
import { aPayload } from "../../tools/fakes/payload.ts";
import { eventually } from "../builders/eventually.ts";
import { post } from "./signed-post.ts";

/** Returns the availability ID of an event's agent. */
export const agentOf = ({ detail }: ReceivedEvent) =>
  (detail["agent"] as { availabilityId: string }).availabilityId;

/** Receives events until there are enough. */
export async function receiveUntil(
  listener: Listener,
  isEnough: (events: readonly ReceivedEvent[]) => boolean,
): Promise<ReceivedEvent[]> {
  const events: ReceivedEvent[] = [];
  const received = () =>
    JSON.stringify(events.map((event) => [event["detail-type"], agentOf(event)]));
  return await eventually(
    () => `more events after ${received()}`,
    async () => {
      events.push(...(await listener.receive()));
      return isEnough(events) && events;
    },
  );
}

let markers = 0;

/** Changes an agent that no test uses, and receives events until the last one of this change. */
async function receiveUntilMarker(cloud: Cloud, listener: Listener): Promise<ReceivedEvent[]> {
  markers += 1;
  const id = `marker-${markers}`;
  const agent = { id, updated_at: new Date().toISOString(), channel_availability: [] };
  await post(cloud, [aPayload({ agent })]);
  const isLast = (event: ReceivedEvent) =>
    agentOf(event) === id && event["detail-type"] === "Agent Status Changed";
  const events = await receiveUntil(listener, (all) => all.some(isLast));
  return events.filter((event) => agentOf(event) !== id);
}

/** Receives all events of the changes before this call. More of them cannot arrive later. */
export async function receiveAll(cloud: Cloud, listener: Listener): Promise<ReceivedEvent[]> {
  // The events of a batch of changes are ordered by agent only. The second marker is in a later batch.
  return [
    ...(await receiveUntilMarker(cloud, listener)),
    ...(await receiveUntilMarker(cloud, listener)),
  ];
}
