import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { SQSClient } from "@aws-sdk/client-sqs";

import { type ReceivedEvent, subscribe } from "../../commands/watch/temporary-subscription.ts";
import { SOURCE } from "../../functions/availability/typed-event.ts";
import { clientConfig, type Cloud } from "../emulator/cloud.ts";

export type { ReceivedEvent } from "../../commands/watch/temporary-subscription.ts";

/** A rule on the bus with a queue as its target. */
export interface Listener {
  /** Returns the events that arrived since the last call. */
  readonly receive: () => Promise<ReceivedEvent[]>;
  readonly close: () => Promise<void>;
}

/** Receives the events of the bus that match a pattern, by default all of the hub's, as a consumer would. */
export async function listen(
  cloud: Cloud,
  name: string,
  pattern: object = { source: [SOURCE] },
): Promise<Listener> {
  const config = clientConfig(cloud);
  const { receive, remove } = await subscribe({
    eventBridge: new EventBridgeClient(config),
    sqs: new SQSClient(config),
    busName: cloud.busName,
    name,
    pattern,
  });
  return {
    receive: async () => {
      const received: ReceivedEvent[] = [];
      for (let batch = await receive(0); batch.length > 0; batch = await receive(0)) {
        received.push(...batch);
      }
      return received;
    },
    close: remove,
  };
}
