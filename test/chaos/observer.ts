import type { Agent } from "../../client/lookups/agent-lookup.ts";
import type { Cloud } from "../../local/emulator/cloud.ts";
import { createLocalLookup } from "../../local/emulator/local-lookup.ts";
import { itemsOf } from "../../local/sample-day/differences.ts";
import type { Listener, ReceivedEvent } from "../../local/sample-day/listener.ts";
import type { StreamChange, StreamReader } from "./stream-reader.ts";

/** The writes, events, items and agents of one account. */
export interface Observation {
  /** All writes to the table, in order. */
  readonly changes: readonly StreamChange[];
  /** All received events, in the order of their arrival. */
  readonly events: readonly ReceivedEvent[];
  /** The current items. */
  readonly items: readonly Readonly<Record<string, unknown>>[];
  /** The agents that a lookup of the whole account returns. */
  readonly agents: readonly Agent[];
}

interface ObserverOptions {
  readonly cloud: Cloud;
  readonly listener: Listener;
  readonly stream: StreamReader;
}

function append<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const values = map.get(key) ?? [];
  values.push(value);
  map.set(key, values);
}

/** Observes the stream, the table and a rule's queue from outside the hub, by account. */
export function openObserver({ cloud, listener, stream }: ObserverOptions) {
  const lookup = createLocalLookup(cloud);

  async function agentsOf(accountId: string): Promise<Agent[]> {
    const agents: Agent[] = [];
    for await (const agent of lookup.all(accountId, { consistent: true })) {
      agents.push(agent);
    }
    return agents;
  }

  const changes = new Map<string, StreamChange[]>();
  const events = new Map<string, ReceivedEvent[]>();

  async function readNew(): Promise<void> {
    for (const change of await stream.read()) {
      append(changes, change.accountId, change);
    }
    for (const event of await listener.receive()) {
      append(events, String(event.detail["accountId"]), event);
    }
  }

  // One read at a time keeps changes and events in order.
  let latestRead: Promise<void> = Promise.resolve();
  async function drain(): Promise<void> {
    latestRead = latestRead.then(readNew);
    await latestRead;
  }

  return {
    /** Reads new changes and events. */
    drain,
    /** Reads new changes and events, and returns all of an account. */
    observe: async (accountId: string): Promise<Observation> => {
      await drain();
      const items = await itemsOf(cloud, accountId);
      return {
        changes: changes.get(accountId) ?? [],
        events: events.get(accountId) ?? [],
        items: [...items.values()],
        agents: await agentsOf(accountId),
      };
    },
  };
}

export type Observer = ReturnType<typeof openObserver>;
