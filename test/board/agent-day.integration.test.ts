import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { stop as stopEsbuild } from "esbuild";
import type { Browser, Page } from "playwright-core";

import { buildPage } from "../../board/build.ts";
import { type BoardServer, serveBoard } from "../../commands/board/server.ts";
import type { BoardAgent, BoardChange, BoardInterval } from "../../functions/board/board-data.ts";
import { createBoard } from "../../functions/board/board.ts";
import { dataBody } from "../../functions/board/data-body.ts";
import { launchBrowser } from "../builders/browser.ts";

const ZONE = "Europe/Berlin";
/** 15:00 in Berlin, where this day has 24 hours. */
const NOW = Date.parse("2026-11-28T14:00:00.000Z");
const at = (time: string) => `2026-11-${time}:00.000Z`;

const available = { id: "1", name: "Available" };
const lunch = { id: "2", name: "Lunch" };
const open = { freshdesk: true, freshchat: false };

const intervals: BoardInterval[] = [
  { from: at("27T23:00"), channels: {}, unknown: true },
  { from: at("28T07:00"), status: available, loggedIn: true, channels: open, unknown: false },
  { from: at("28T11:00"), status: lunch, loggedIn: true, channels: {}, unknown: false },
  { from: at("28T12:00"), status: available, loggedIn: true, channels: open, unknown: false },
];

const anAgent = (id: string, name: string): BoardAgent => ({
  id,
  name,
  status: { ...available, since: at("28T12:00") },
  channels: { freshdesk: { available: true, since: at("28T12:00") } },
});

let browser: Browser;
let servers: { readonly withHistory: BoardServer; readonly withoutHistory: BoardServer };
let page: Page;
let agents: BoardAgent[];
let changes: BoardChange[];
let failing: boolean;
/** The agents and periods whose history was requested. */
let historyRequests: string[];
let errors: string[];

async function serve(files: ReadonlyMap<string, Uint8Array>, hasHistory: boolean) {
  const history = {
    readHistory: async (
      accountId: string,
      agentId: string,
      period: { readonly from: number; readonly to: number },
    ) => {
      const from = new Date(period.from).toISOString();
      historyRequests.push(`${agentId} ${from} ${new Date(period.to).toISOString()}`);
      if (failing) {
        throw new Error("the table is unavailable");
      }
      const isKnown = intervals[0]?.from === from;
      const shown = isKnown ? intervals : [{ from, channels: {}, unknown: true }];
      return await Promise.resolve(dataBody({ accountId, agentId, intervals: shown }));
    },
    readChanges: async (accountId: string) => {
      if (failing) {
        throw new Error("the table is unavailable");
      }
      return await Promise.resolve(dataBody({ accountId, changes }));
    },
  };
  const board = createBoard({
    page: files,
    config: { stage: "test", accountIds: ["42"] },
    readAgents: async (accountId) => await Promise.resolve(dataBody({ accountId, agents })),
    history: hasHistory ? history : undefined,
  });
  return await serveBoard(board, 0, () => {});
}

beforeAll(async () => {
  const files = await buildPage();
  servers = { withHistory: await serve(files, true), withoutHistory: await serve(files, false) };
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser.close();
  await servers.withHistory.close();
  await servers.withoutHistory.close();
  await stopEsbuild();
});

async function newPage(viewport = { width: 1440, height: 900 }, now = NOW): Promise<void> {
  const context = await browser.newContext({ viewport, timezoneId: ZONE, locale: "en-GB" });
  page = await context.newPage();
  page.setDefaultTimeout(300_000);
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
      errors.push(message.text());
    }
  });
  // The page corrects its clock by the server's, so both have to show the time of the test.
  await page.clock.setFixedTime(now);
  await page.route("**/v1/**", async (route) => {
    const response = await route.fetch();
    const date = new Date(now).toUTCString();
    await route.fulfill({ response, headers: { ...response.headers(), date } });
  });
}

beforeEach(async () => {
  failing = false;
  historyRequests = [];
  errors = [];
  changes = [];
  agents = [anAgent("1", "Ada"), anAgent("user:7/8", "Bo"), anAgent("3", "Cleo")];
  await newPage();
});

afterEach(async () => {
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await page.context().close();
});

async function load(hash = "", { url } = servers.withHistory): Promise<void> {
  await page.goto(`${url}${hash}`);
  await page.getByText("As of").waitFor();
}

const dialog = () => page.getByRole("dialog");
const rowOf = (name: string) => page.locator(".table-body .row", { hasText: name });
const rowsOf = async (caption: string) =>
  await dialog().locator("table", { hasText: caption }).locator("tbody tr").allTextContents();

async function openDay(name: string): Promise<void> {
  await page.getByRole("button", { name }).press("Enter");
  await dialog().locator(".day-bar").waitFor();
}

describe("the day of an agent", () => {
  it("opens with Enter, closes with Escape, and returns the focus", async () => {
    await load();
    await openDay("Ada");
    expect(await dialog().getByRole("heading").textContent()).toBe("Ada");
    expect(new URL(page.url()).hash).toContain("agent=1");

    await page.keyboard.press("Escape");
    await dialog().waitFor({ state: "detached" });
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Ada");
    await page.waitForFunction(() => !location.hash.includes("agent="));
    expect(errors).toEqual([]);
  });

  it("opens with a click anywhere in the row, and closes with a click outside the dialog", async () => {
    await load();
    await rowOf("Bo").click({ position: { x: 700, y: 20 } });
    await dialog().locator(".day-bar").waitFor();

    // The day in Berlin; the agent's ID arrives unchanged.
    expect(historyRequests[0]).toBe(`user:7/8 ${at("27T23:00")} ${at("28T23:00")}`);
    await page.mouse.click(5, 5);
    await dialog().waitFor({ state: "detached" });
  });

  it("has a segment for each status and channel, in its place and with its own pattern", async () => {
    await load();
    await openDay("Ada");
    const segments = await dialog()
      .locator(".lane:has(.track)")
      .evaluateAll((lanes) =>
        lanes.map((lane) =>
          [...lane.querySelectorAll<HTMLElement>(".segment")].map((segment) => [
            segment.className.replace("segment ", ""),
            Math.round((Number.parseFloat(segment.style.left) / 100) * 24 * 60),
            Math.round((Number.parseFloat(segment.style.width) / 100) * 24 * 60),
            segment.title.split(",")[0],
          ]),
        ),
      );

    const [status, tickets, chat] = segments;
    expect(status).toEqual([
      ["unknown", 0, 480, "Unknown"],
      ["pattern-0", 480, 240, "Available"],
      ["pattern-1", 720, 60, "Lunch"],
      // The last one is open: it ends now.
      ["pattern-0", 780, 120, "Available"],
    ]);
    expect(tickets?.map(([kind, from]) => [kind, from])).toEqual([
      ["unknown", 0],
      ["available", 480],
      ["available", 780],
    ]);
    expect(chat?.map(([kind]) => kind)).toEqual(["unknown"]);
    expect(await dialog().locator(".hours span").allTextContents()).toEqual([
      "00",
      "03",
      "06",
      "09",
      "12",
      "15",
      "18",
      "21",
    ]);
  });

  it.each([
    [25, "2026-10-25", "2026-10-24T22:00:00.000Z", "2026-10-25T23:00:00.000Z"],
    [23, "2026-03-29", "2026-03-28T23:00:00.000Z", "2026-03-29T22:00:00.000Z"],
  ])("has %d hours on %s, when clocks change", async (hours, date, from, to) => {
    await page.context().close();
    await newPage({ width: 1440, height: 900 }, Date.parse(`${date}T14:00:00.000Z`));
    await load();
    await openDay("Ada");

    expect(historyRequests[0]).toBe(`1 ${from} ${to}`);
    const noon = dialog().locator(".hours span", { hasText: "12" });
    const left = await noon.evaluate((mark) => Number.parseFloat((mark as HTMLElement).style.left));
    // From noon to midnight there are always 12 hours.
    expect(left).toBeCloseTo((100 * (hours - 12)) / hours, 3);
  });

  it("shows the data of the bars in tables: the sums, and every interval", async () => {
    await load();
    await openDay("Ada");

    expect(await rowsOf("Time per status")).toEqual([
      "Available6 h 00 min",
      "Lunch1 h 00 min",
      "Unknown8 h 00 min",
    ]);
    expect(await rowsOf("Time available")).toEqual([
      "Chat0 s",
      "Tickets6 h 00 min",
      "Logged in7 h 00 min",
    ]);
    expect(await rowsOf("The day in detail")).toEqual([
      "00:00:008 h 00 minUnknown",
      "08:00:004 h 00 minAvailableTicketsLogged in",
      "12:00:001 h 00 minLunchNoneLogged in",
      "13:00:002 h 00 minAvailableTicketsLogged in",
    ]);
    expect(await dialog().getByText(`(${ZONE})`).count()).toBe(1);
  });

  it("shows that the history could not be read, and recovers", async () => {
    failing = true;
    await load();
    await page.getByRole("button", { name: "Ada" }).click();
    await dialog().getByText("The history could not be read. Trying again.").waitFor();

    failing = false;
    // The page tries again at once when it becomes visible.
    await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await dialog().locator(".day-bar").waitFor();
    expect(await dialog().getByText("Trying again").count()).toBe(0);
  });

  it("is reached with one Tab stop in the table, and arrow keys", async () => {
    await load();
    await rowOf("Cleo").waitFor();
    await page.getByRole("button", { name: "Phone" }).focus();
    const keys = ["Tab", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp", "Shift+Tab", "Tab"];
    const focused: (string | null | undefined)[] = [];
    for (const key of keys) {
      await page.keyboard.press(key);
      focused.push(await page.evaluate(() => document.activeElement?.textContent));
    }

    // The agent who had the focus last keeps the Tab stop.
    expect(focused).toEqual(["Ada", "Bo", "Cleo", "Cleo", "Bo", "Phone", "Bo"]);
    await page.keyboard.press("Tab");
    expect(await page.locator(".open-agent:focus").count()).toBe(0);
  });

  it("does not move the rows of the table", async () => {
    await load();
    const boxes = async () =>
      await page
        .locator(".table-body .row")
        .evaluateAll((rows) => rows.map((row) => JSON.stringify(row.getBoundingClientRect())));
    const before = await boxes();
    await openDay("Ada");

    expect(await boxes()).toEqual(before);
  });

  it.each([
    [360, 780],
    [3840, 2160],
  ])("fits a window of %d by %d", async (width, height) => {
    await page.context().close();
    await newPage({ width, height });
    await load();
    await openDay("Ada");
    const { x = -1, y = -1, width: w = 0, height: h = 0 } = (await dialog().boundingBox()) ?? {};
    const hidden = await dialog().evaluate((element) => element.scrollWidth - element.clientWidth);

    expect({ x: x >= 0, y: y >= 0, right: x + w <= width, bottom: y + h <= height }).toEqual({
      x: true,
      y: true,
      right: true,
      bottom: true,
    });
    expect(hidden).toBe(0);
  });

  it.each(["light", "dark"] as const)(
    "has no accessibility violations in the %s theme",
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme });
      await load();
      await openDay("Ada");
      const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
      await page.evaluate(readFileSync(axe, "utf8"));
      const running = page.evaluate(async () => {
        const { axe: checker } = globalThis as unknown as {
          axe: {
            run: () => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
          };
        };
        const { violations } = await checker.run();
        return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ""}`);
      });

      expect(await running).toEqual([]);
    },
  );
});

describe("the recent changes", () => {
  it("include the changes in the history, each once", async () => {
    changes = [
      { agentId: "1", time: at("28T13:59"), channels: { freshdesk: true } },
      { agentId: "3", time: at("28T13:30"), status: lunch, loggedIn: false, channels: {} },
      { agentId: "removed", time: at("28T13:00"), status: lunch, channels: {} },
    ];
    await load();
    const list = page.locator(".recent-changes li");
    await list.first().waitFor();

    expect(await list.allTextContents()).toEqual([
      "Ada is available on Tickets1 min ago",
      "Cleo switched to Lunch30 min ago",
      "Cleo logged out30 min ago",
    ]);
  });
});

describe("a list without changes", () => {
  it("covers the last 24 hours only after the history was read", async () => {
    failing = true;
    await load();
    await page.getByText("No changes since you opened this page.").waitFor();
    expect(await page.getByText("No changes in the last 24 hours.").count()).toBe(0);

    failing = false;
    await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await page.getByText("No changes in the last 24 hours.").waitFor();
  });
});

describe("the board of a stage without history", () => {
  it("has no agents to open and requests no history", async () => {
    await load("#agent=1", servers.withoutHistory);
    await rowOf("Ada").waitFor();

    expect(await page.getByRole("button", { name: "Ada" }).count()).toBe(0);
    expect(await dialog().count()).toBe(0);
    await page.getByText("No changes since you opened this page.").waitFor();
    expect(historyRequests).toEqual([]);
  });
});
