import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { beforeAll, describe, expect, it } from "@jest/globals";

import { createLocalLookup } from "../../local/emulator/local-lookup.ts";
import { type RunningCloud, startCloud } from "../../local/emulator/start-cloud.ts";
import { type FreshdeskApi, startFreshdeskApi } from "../../local/freshdesk-api/freshdesk-api.ts";
import { acme } from "../../local/sample-accounts.ts";
import { listen, type Listener, type ReceivedEvent } from "../../local/sample-day/listener.ts";
import { aPayload } from "../../tools/fakes/payload.ts";
import { ADMIN_KEY, aFreshdeskAgent, aFreshdeskState } from "../builders/freshdesk.ts";
import { eventually } from "../builders/eventually.ts";
import { stopAfterAll } from "../builders/stop-after-all.ts";
import { createOperator } from "./operator.ts";
import { receiveUntil } from "./receive.ts";
import { post } from "./signed-post.ts";

const ACCOUNT = acme.accountId;
const HOUR = 3_600_000;
const RACHEL = 72025350026;
const NEWCOMER = 72025350027;

/** To the second, like Freshdesk's times. */
let start: number;
let folder: string;
let freshdesk: FreshdeskApi;
let running: RunningCloud;
let listener: Listener;

const rachelSince = (time: number, statusId: number) =>
  aFreshdeskAgent(RACHEL, {
    email: "rachel@acme.com",
    statusId,
    statusUpdatedAt: time,
    availabilityUpdatedAt: start - 3 * HOUR,
  });

const stopLater = stopAfterAll();

beforeAll(async () => {
  start = Math.floor(Date.now() / 1000) * 1000;
  folder = mkdtempSync(join(tmpdir(), "reconcile-"));
  stopLater(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const agents = [rachelSince(start - HOUR, 1302477), aFreshdeskAgent(NEWCOMER)];
  freshdesk = await startFreshdeskApi(aFreshdeskState(agents));
  stopLater(freshdesk.close);
  process.env["LOCAL_FRESHDESK_ORIGIN"] = freshdesk.origin;
  running = await startCloud({ logFile: join(folder, "log"), freshdesk });
  stopLater(running.stop);
  listener = await listen(running.cloud, "reconcile");
  stopLater(listener.close);
});

/** Runs a sweep, and returns its report. */
async function sweep(...options: readonly string[]) {
  const { out, err, code } = await createOperator(running.cloud)(
    "reconcile",
    ACCOUNT,
    "--json",
    ...options,
  );
  expect({ err, code }).toEqual({ err: expect.any(String), code: 0 });
  return JSON.parse(out) as { checked: number; differences: object[]; written?: object };
}

/** Waits until the sweep that the queue starts has stored an agent. */
async function waitForAgent(userId: number): Promise<void> {
  const lookup = createLocalLookup(running.cloud);
  await eventually(
    `agent ${userId} to be stored`,
    async () => await lookup.byUserId(ACCOUNT, String(userId)),
  );
}

/** Returns the next status changes that reconcile has published, ordered by ID. Waits for `count` of them. */
async function statusChanges(count: number) {
  const statusChangesIn = (events: readonly ReceivedEvent[]) =>
    events
      .filter((event) => event["detail-type"] === "Agent Status Changed")
      .map(({ detail }) => detail as { metadata: { id: string; origin: string }; status?: object })
      .filter(({ metadata }) => metadata.origin === "reconcile");
  const events = await receiveUntil(listener, (all) => statusChangesIn(all).length >= count);
  return statusChangesIn(events).toSorted((one, other) =>
    one.metadata.id < other.metadata.id ? -1 : 1,
  );
}

describe("a connected account", () => {
  it("is swept when it is connected: a missed change is repaired, and an unknown agent is stored", async () => {
    await post(running.cloud, [
      aPayload({ agent: { status_id: 232, updated_at: new Date(start - 2 * HOUR).toISOString() } }),
    ]);

    const operate = createOperator(running.cloud, `${ADMIN_KEY}\n`);
    const connected = await operate("account", "connect", ACCOUNT, "--domain", acme.domain);
    expect({ err: connected.err, code: connected.code }).toEqual({
      err: expect.not.stringContaining(ADMIN_KEY),
      code: 0,
    });
    await waitForAgent(NEWCOMER);

    const repairedAt = new Date(start - HOUR).toISOString();
    // In the order of their IDs: the availability item, then the new `user:` item.
    expect(await statusChanges(2)).toMatchObject([
      {
        metadata: { gap: true, occurredAt: repairedAt },
        status: { id: "1302477", since: repairedAt },
      },
      { metadata: { gap: false }, status: { id: "1302477" } },
    ]);
    expect(await sweep("--dry-run")).toMatchObject({ checked: 2, differences: [] });
  });

  it("is repaired by `reconcile`, after which the next sweep finds no difference", async () => {
    freshdesk.state.agents.set(RACHEL, rachelSince(start - HOUR / 2, 232));

    const preview = await sweep("--dry-run");
    const repaired = await sweep();
    const again = await sweep();

    expect(preview.differences).toMatchObject([
      { action: "repair", stored: "1302477", freshdesk: "232" },
    ]);
    expect(repaired).toMatchObject({ written: { repaired: 1, overtaken: 0 } });
    expect(again.differences).toEqual([]);
    expect(await statusChanges(1)).toMatchObject([
      { metadata: { gap: true }, status: { id: "232" } },
    ]);
  });

  it("keeps its agents if the API key is revoked, and the command prints the next step", async () => {
    freshdesk.state.apiKeys.clear();

    const { out, err, code } = await createOperator(running.cloud)("reconcile", ACCOUNT);

    expect({ out, code }).toEqual({ out: "", code: 1 });
    expect(err).toContain("Copy the key again from an administrator's profile settings.");
    expect(err).not.toContain(ADMIN_KEY);
    await waitForAgent(NEWCOMER);
  });
});
