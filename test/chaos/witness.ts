import type { Cloud } from "../../local/emulator/cloud.ts";
import type { Listener, ReceivedEvent } from "../../local/sample-day/listener.ts";
import { itemsOf } from "../../local/sample-day/differences.ts";
import type { StreamChange, StreamReader } from "./stream-reader.ts";

/** What was seen of one account from outside. */
export interface Seen {
  readonly changes: readonly StreamChange[];
  /** In the order in which they came. */
  readonly events: readonly ReceivedEvent[];
  readonly items: readonly Readonly<Record<string, unknown>>[];
}

interface WitnessOptions {
  readonly cloud: Cloud;
  readonly listener: Listener;
  readonly stream: StreamReader;
}

function keep<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const kept = map.get(key) ?? [];
  kept.push(value);
  map.set(key, kept);
}

/** Watches the stream, the table and a rule's queue from outside, and keeps what it saw by account. */
export function openWitness({ cloud, listener, stream }: WitnessOptions) {
  const changes = new Map<string, StreamChange[]>();
  const events = new Map<string, ReceivedEvent[]>();

  async function takeIn(): Promise<void> {
    for (const change of await stream.read()) {
      keep(changes, change.accountId, change);
    }
    for (const event of await listener.receive()) {
      keep(events, String(event.detail["accountId"]), event);
    }
  }

  /** One at a time: what comes has an order. */
  let last: Promise<void> = Promise.resolve();
  async function drain(): Promise<void> {
    last = last.then(takeIn);
    await last;
  }

  return {
    /** Takes in what is new. */
    drain,
    /** Takes in what is new, and tells what there is of an account so far. */
    look: async (accountId: string): Promise<Seen> => {
      await drain();
      const items = await itemsOf(cloud, accountId);
      return {
        changes: changes.get(accountId) ?? [],
        events: events.get(accountId) ?? [],
        items: [...items.values()],
      };
    },
  };
}

/** @see openWitness */
export type Witness = ReturnType<typeof openWitness>;
