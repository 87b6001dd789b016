import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

import type { AgentSnapshot } from "../../functions/availability/snapshot.ts";
import { readPages, snapshotsIn } from "../../functions/reconcile/read-pages.ts";
import { throttlingFault } from "../../local/freshdesk-api/fault.ts";
import { serverErrorFault } from "../builders/freshdesk-faults.ts";
import { aFreshdesk, aFreshdeskAgent } from "../builders/freshdesk.ts";

let freshdesk: Awaited<ReturnType<typeof aFreshdesk>>;

beforeEach(async () => {
  freshdesk = await aFreshdesk(
    Array.from({ length: 250 }, (_, index) => aFreshdeskAgent(1000 + index)),
  );
});

afterEach(async () => {
  await freshdesk.api.close();
});

/** Reads pages. @returns the numbers of the pages, and the reason that reading ended */
async function read(options: { readonly firstPage?: number; readonly deadline?: number } = {}) {
  const { clock, aClient } = freshdesk;
  const { firstPage = 1, deadline = Number.POSITIVE_INFINITY } = options;
  const client = aClient({ deadline: deadline });
  const { pages, end } = await readPages(client, { firstPage, deadline, now: clock.now });
  return { numbers: pages.map(({ number }) => number), end };
}

/** Makes Freshdesk respond to every request with an empty page that another page follows. */
function respondWithEmptyPages(): void {
  const headers = { link: '<https://acme.freshdesk.com/api/v2/agents?page=2>; rel="next"' };
  freshdesk.api.constantFault = { kind: "response", status: 200, headers, body: "[]" };
}

describe("reading the list of agents", () => {
  it("ends at the last page", async () => {
    expect(await read()).toEqual({ numbers: [1, 2, 3], end: "last page" });
    expect(await read({ firstPage: 3 })).toEqual({ numbers: [3], end: "last page" });
  });

  it("ends at page 500 although more pages follow", async () => {
    respondWithEmptyPages();

    expect(await read({ firstPage: 499 })).toEqual({ numbers: [499, 500], end: "page limit" });
  });

  it("ends before a page that the rate limit does not allow in time", async () => {
    const deadline = freshdesk.clock.now() + 4999;

    expect(await read({ deadline })).toEqual({ numbers: [1], end: "no time" });
  });

  it("requests a page exactly at the end of its time, and none later", async () => {
    const start = freshdesk.clock.now();
    freshdesk.api.onRequest = () => {
      void freshdesk.clock.pause(10_000);
    };

    expect(await read({ deadline: start + 20_000 })).toEqual({
      numbers: [1, 2, 3],
      end: "last page",
    });
    const again = freshdesk.clock.now();
    expect(await read({ deadline: again + 19_999 })).toEqual({ numbers: [1, 2], end: "no time" });
  });

  it("requests the first page even if its time is over", async () => {
    const { clock, aClient } = freshdesk;
    const options = { firstPage: 2, deadline: clock.now() - 1, now: clock.now };

    const { pages, end } = await readPages(aClient(), options);

    expect([pages.length, end]).toEqual([1, "no time"]);
  });

  it("fails if the rate limit does not allow a request in time", async () => {
    freshdesk.api.nextFaults.push(throttlingFault(3600));

    await expect(read({ deadline: freshdesk.clock.now() + 60_000 })).rejects.toMatchObject({
      name: "BudgetExhaustedError",
    });
  });

  it("fails if Freshdesk fails, although it has read a page", async () => {
    freshdesk.api.onRequest = ({ path }) => {
      freshdesk.api.constantFault = path.includes("page=2") ? serverErrorFault(500) : undefined;
    };

    await expect(read()).rejects.toMatchObject({ reason: "Unavailable" });
  });
});

describe("the snapshots of pages", () => {
  const aSnapshot = (userId: string, time: string, name: string): AgentSnapshot => ({
    userId,
    name,
    isDeactivated: false,
    requestedAt: `2026-11-28T${time}.000Z`,
  });
  const namesIn = (...pages: readonly (readonly AgentSnapshot[])[]) =>
    snapshotsIn(
      pages.map((snapshots, index) => ({ number: index + 1, snapshots, unreadable: 0 })),
    ).map(({ userId, name }) => [userId, name]);

  it("are those of all pages", () => {
    const first = [aSnapshot("1", "12:00:00", "a"), aSnapshot("2", "12:00:00", "b")];
    const second = [aSnapshot("3", "12:00:05", "c")];

    expect(namesIn(first, second)).toEqual([
      ["1", "a"],
      ["2", "b"],
      ["3", "c"],
    ]);
  });

  it.each([
    ["the newer one on the second page", "12:00:00", "12:00:05", "second"],
    ["the newer one on the first page", "12:00:05", "12:00:00", "first"],
    ["the equally old one on the second page", "12:00:00", "12:00:00", "second"],
  ])("contain an agent who is on two pages once: %s", (_, first, second, expected) => {
    const pages = [[aSnapshot("1", first, "first")], [aSnapshot("1", second, "second")]];

    expect(namesIn(...pages)).toEqual([["1", expected]]);
  });
});
