import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { relayParameters } from "../../../local/freshworks-platform/iparams.ts";
import {
  createFreshworksPlatform,
  type FreshworksPlatform,
  type PlatformRequest,
  type PlatformResponse,
} from "../../../local/freshworks-platform/platform.ts";
import { sendTo } from "../../../local/freshworks-platform/network.ts";
import { root } from "../../../tools/run/paths.ts";
import { agentOf, compareWithItem } from "../../../local/sample-day/expected-item.ts";
import { deliveryOf, timeOf } from "../relayed.ts";
import { randomHistory } from "../history.ts";
import type { Run, Scenario } from "../scenario.ts";

/** After this every function sees the new time. */
const CLOCK_MS = 30;

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** After the hub is back: what could not be sent within the minute's limit is parked again. */
const MOST_DRAINING = 3 * HOUR;

/** Time as the platform and the hub have it: set by the scenario, second by second. */
interface SimulatedTime {
  now: number;
}

/** Freshworks' platform with the real relay app, on simulated time. The hub is away until `backAt`. */
function platformFor(run: Run, time: SimulatedTime, backAt: number): FreshworksPlatform {
  const { stand, account } = run;
  const toHub = sendTo(stand.cloud.ingestUrl);
  return createFreshworksPlatform({
    appFolder: join(root, "relay"),
    iparams: relayParameters({ ingestUrl: stand.cloud.ingestUrl, ...account }),
    now: () => time.now,
    send: async (request: PlatformRequest): Promise<PlatformResponse> => {
      if (time.now < backAt) {
        throw new Error("the hub is away");
      }
      stand.setClockAhead(time.now - Date.now());
      // A clock that leaps while a request is judged would take its time away.
      await sleep(CLOCK_MS);
      const started = performance.now();
      const response = await toHub(request);
      run.observed(deliveryOf(request, response, performance.now() - started));
      return response;
    },
  });
}

async function passHour(
  platform: FreshworksPlatform,
  time: SimulatedTime,
  payloads: readonly object[],
): Promise<void> {
  const waiting = payloads.map((payload) => ({ payload, at: timeOf(payload) }));
  for (const until = time.now + HOUR; time.now < until; time.now += SECOND) {
    while (waiting[0] && waiting[0].at <= time.now) {
      await platform.raise("onAgentAvailabilityUpdate", waiting.shift()?.payload ?? {});
    }
    await platform.fireSchedules();
  }
}

/** What the relay itself says that it gave up but for room: the oldest of an agent's, never its newest. */
function assertNothingLost({ log }: FreshworksPlatform): void {
  const bad = log.filter(({ text }) => /^(?:Lost|unhandled)/.test(text));
  if (bad[0]) {
    throw new Error(`the relay lost ${bad.length}: ${bad[0].text}`);
  }
}

/** Greater than the hash of any change: base64url has no such character. */
const AFTER_ANY_HASH = "~";

/**
 * The table has to show, of each agent, the newest that Freshdesk ever said. Of several that have one time
 * to the microsecond the relay keeps those that it got last where it has no room for all: then none of them
 * is newer than another, and which one the hub would have kept of all is nothing that anybody is promised.
 */
async function assertNewest(run: Run, payloads: readonly object[]): Promise<void> {
  const { items } = await run.stand.witness.look(run.account.accountId);
  const stored = new Map(items.map((item) => [item["availabilityId"], item]));
  const behind = payloads.filter((payload) => {
    const item = stored.get(agentOf(payload));
    return (
      item === undefined || compareWithItem(payload, { ...item, contentHash: AFTER_ANY_HASH }) > 0
    );
  });
  if (behind[0]) {
    throw new Error(
      `${behind.length} changes are newer than what the table shows of their agent: ${agentOf(behind[0])}`,
    );
  }
}

/** What happens where the hub is not. */
export const outageScenarios: readonly Scenario[] = [
  {
    name: "hub-away",
    title:
      "hub away for an hour: 500 agents change 2,000 times, parked and drained (simulated clock)",
    run: async (run) => {
      const { accountId } = run.account;
      const time: SimulatedTime = { now: Math.floor(Date.now() / SECOND) * SECOND };
      const backAt = time.now + HOUR;
      const step = 14 * MINUTE;
      const told = randomHistory(
        {
          accountId,
          agents: 500,
          changes: 4,
          from: time.now - step,
          step,
          spread: 15 * MINUTE,
          late: 0,
          repeated: 0,
          largestList: 1,
        },
        run.chance,
      ).flatMap(({ payloads }) => payloads);
      const platform = platformFor(run, time, backAt);
      await passHour(platform, time, told);
      const parked = platform.schedules.size;
      run.happened("parked", parked);
      const drainedBy = time.now + MOST_DRAINING;
      for (; platform.schedules.size > 0 && time.now < drainedBy; time.now += SECOND) {
        await platform.fireSchedules();
      }
      run.mended();
      const minutes = Math.ceil((time.now - backAt) / MINUTE);
      const dropped = platform.log.filter(({ text }) => text.startsWith("Dropped")).length;
      run.note(
        `${parked} schedules at the hub's return, drained in ${minutes} simulated minutes; ${dropped} of ${told.length} changes gave way to newer ones of their agent`,
      );
      // Their copies of the keys are from a time that has not come yet.
      run.stand.setClockAhead(0);
      run.stand.ingest.signal("SIGKILL");
      run.happened("drained", Math.sign(Math.max(0, 1 - platform.schedules.size)));
      assertNothingLost(platform);
      await run.untilTold();
      await assertNewest(run, told);
    },
  },
];
