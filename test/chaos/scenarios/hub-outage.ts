import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { relayParameters } from "../../../local/freshworks-platform/iparams.ts";
import { sendTo } from "../../../local/freshworks-platform/network.ts";
import {
  createFreshworksPlatform,
  type FreshworksPlatform,
} from "../../../local/freshworks-platform/platform.ts";
import type { PlatformResponse } from "../../../local/freshworks-platform/requests.ts";
import type { PlatformRequest } from "../../../local/freshworks-platform/templates.ts";
import {
  agentOf,
  availabilityWrite,
  compareOrder,
} from "../../../local/sample-day/expected-item.ts";
import { root } from "../../../tools/run/paths.ts";
import { randomHistory } from "../random-history.ts";
import { relayDelivery, timeOf } from "../relay-delivery.ts";
import type { Scenario, ScenarioContext } from "../scenario.ts";

/** Period within which every function reads the new time of the simulated clock. */
const CLOCK_MS = 30;

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Timeout for sending the parked events. Events over the limit per minute are parked again. */
const DRAIN_TIMEOUT_MS = 3 * HOUR;

/** The time of the platform and the hub, which the scenario advances second by second. */
interface SimulatedTime {
  now: number;
}

/** Creates a Freshworks platform with the real relay app. Its requests fail until `hubReturnsAt`. */
function createPlatform(
  { environment, account, traffic }: ScenarioContext,
  time: SimulatedTime,
  hubReturnsAt: number,
): FreshworksPlatform {
  const { ingestUrl } = environment.cloud;
  const sendToHub = sendTo(ingestUrl);
  return createFreshworksPlatform({
    appFolder: join(root, "relay"),
    iparams: relayParameters({ ingestUrl, ...account }),
    now: () => time.now,
    send: async (request: PlatformRequest): Promise<PlatformResponse> => {
      if (time.now < hubReturnsAt) {
        throw new Error("the hub is unreachable");
      }
      environment.setClockAhead(time.now - Date.now());
      // If the clock changed during a request, the function's own timeouts would be wrong.
      await sleep(CLOCK_MS);
      const started = performance.now();
      const response = await sendToHub(request);
      traffic.record(relayDelivery(request, response, performance.now() - started));
      return response;
    },
  });
}

/** Lets an hour pass in which the agents change. */
async function passHour(
  platform: FreshworksPlatform,
  time: SimulatedTime,
  payloads: readonly object[],
): Promise<void> {
  const upcoming = payloads.map((payload) => ({ payload, at: timeOf(payload) }));
  for (const end = time.now + HOUR; time.now < end; time.now += SECOND) {
    while (upcoming[0] && upcoming[0].at <= time.now) {
      await platform.raise("onAgentAvailabilityUpdate", upcoming.shift()?.payload ?? {});
    }
    await platform.fireSchedules();
  }
}

/** The relay may drop older changes of an agent for lack of space, but must report no loss or error. */
function requireNoLoss({ log }: FreshworksPlatform): void {
  const losses = log.filter(({ text }) => /^(?:Lost|unhandled)/.test(text));
  if (losses[0]) {
    throw new Error(`the relay reported ${losses.length} losses, first: ${losses[0].text}`);
  }
}

/** Greater than the hash of any change: base64url does not contain this character. */
const MAX_HASH = "~";

/**
 * Requires that the table shows the newest change of each agent. Among changes with equal times, any one is
 * accepted: if the relay lacks space, it keeps the ones that it received last, whatever their hash.
 */
async function requireNewestChanges(
  { environment, account }: ScenarioContext,
  payloads: readonly object[],
): Promise<void> {
  const { items } = await environment.observer.observe(account.accountId);
  const stored = new Map(items.map((item) => [item["availabilityId"], item]));
  const missing = payloads.filter((payload) => {
    const item = stored.get(agentOf(payload));
    const { order } = availabilityWrite(payload);
    return item === undefined || compareOrder(order, { ...item, contentHash: MAX_HASH }) > 0;
  });
  if (missing[0]) {
    throw new Error(
      `${missing.length} changes are newer than the agent's item, first of agent ${agentOf(missing[0])}`,
    );
  }
}

/** An outage of the whole hub, which the relay has to bridge. */
export const hubOutage: readonly Scenario[] = [
  {
    name: "hub-outage",
    title:
      "hub is unreachable for an hour: 500 agents change 2,000 times, the relay parks and drains the events (simulated clock)",
    run: async (context) => {
      const { environment, account, random, requireOccurred, faultEnded } = context;
      const time: SimulatedTime = { now: Math.floor(Date.now() / SECOND) * SECOND };
      const hubReturnsAt = time.now + HOUR;
      const intervalMs = 14 * MINUTE;
      const history = {
        accountId: account.accountId,
        agents: 500,
        changes: 4,
        from: time.now - intervalMs,
        intervalMs,
        startSpreadMs: 15 * MINUTE,
        maxDelayMs: 0,
        repeatedShare: 0,
        maxBatchSize: 1,
      };
      const payloads = randomHistory(history, random).flatMap((delivery) => delivery.payloads);
      const platform = createPlatform(context, time, hubReturnsAt);

      await passHour(platform, time, payloads);
      const parked = platform.schedules.size;
      requireOccurred("a parked event", parked);

      const drainDeadline = time.now + DRAIN_TIMEOUT_MS;
      for (; platform.schedules.size > 0 && time.now < drainDeadline; time.now += SECOND) {
        await platform.fireSchedules();
      }
      faultEnded();
      const minutes = Math.ceil((time.now - hubReturnsAt) / MINUTE);
      const dropped = platform.log.filter(({ text }) => text.startsWith("Dropped")).length;
      context.note(
        `${parked} schedules when the hub returned, drained in ${minutes} simulated minutes; ${dropped} of ${payloads.length} changes were replaced by newer ones of their agent`,
      );

      // The functions' copies of the signing keys were fetched in the simulated future.
      environment.setClockAhead(0);
      environment.ingest.signal("SIGKILL");
      requireOccurred("a complete drain", platform.schedules.size === 0 ? 1 : 0);
      requireNoLoss(platform);
      await context.untilPublished();
      await requireNewestChanges(context, payloads);
    },
  },
];
