import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { gzipSync } from "node:zlib";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { stop as stopEsbuild } from "esbuild";
import type { Browser, Page } from "playwright-core";

import { buildPage } from "../../board/build.ts";
import { type BoardServer, serveBoard } from "../../commands/board/server.ts";
import type { BoardAgent, BoardData } from "../../functions/board/board-data.ts";
import { createBoard } from "../../functions/board/board.ts";
import { launchBrowser } from "../builders/browser.ts";

const LONG_NAME = "N".repeat(256);
const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

function anAgent(id: string, more: Partial<BoardAgent> = {}): BoardAgent {
  return {
    id,
    name: `Agent ${id.padStart(4, "0")}`,
    status: { id: "1", name: "Available", since: minutesAgo(5) },
    channels: {
      freshdesk: { available: true, since: minutesAgo(Number(id)) },
      freshchat: { available: false, since: minutesAgo(1) },
    },
    ...more,
  };
}

/** Every agent of `anAgent` is over a limit, and a channel is uncovered. */
const supervisionOfAll = () => ({
  uncovered: [{ channel: "freshchat", minimum: 1, since: minutesAgo(1500) }],
  statusLimits: [{ status: "Available", minutes: 1 }],
});

let browser: Browser;
let server: BoardServer;
let page: Page;
let agents: Record<string, BoardAgent[]>;
let supervision: Pick<BoardData, "uncovered" | "statusLimits">;
let failing: boolean;
let errors: string[];

beforeAll(async () => {
  const files = await buildPage();
  const board = createBoard({
    page: files,
    config: { stage: "test", accountIds: ["42", "43"] },
    readAgents: async (accountId) => {
      if (failing) {
        throw new Error("the table is unavailable");
      }
      const body = JSON.stringify({ accountId, agents: agents[accountId] ?? [], ...supervision });
      return await Promise.resolve({ body, etag: `"${Buffer.from(body).length}${body.length}"` });
    },
  });
  server = await serveBoard(board, 0, () => {});
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser.close();
  await server.close();
  await stopEsbuild();
});

beforeEach(async () => {
  failing = false;
  supervision = {};
  errors = [];
  agents = {
    42: [anAgent("1"), anAgent("2"), anAgent("3")],
    43: [anAgent("9", { name: "Other" })],
  };
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    // The browser itself logs failed requests, which some tests cause.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
      errors.push(message.text());
    }
  });
  page.setDefaultTimeout(300_000);
});

afterEach(async () => {
  await page.close();
});

async function open(hash = ""): Promise<void> {
  await page.goto(`${server.url}${hash}`);
  await page.getByText("As of").waitFor();
}

const names = async () =>
  await page.locator(".table-body .row .agent-text .name").allTextContents();

describe("the board's page", () => {
  it("shows who is available on each channel, longest available first", async () => {
    await open();

    const tickets = page.locator('.channel-card[data-channel="freshdesk"]');
    expect(await tickets.locator("strong").textContent()).toBe("3");
    expect(await tickets.locator("li .name").allTextContents()).toEqual([
      "Agent 0003",
      "Agent 0002",
      "Agent 0001",
    ]);
    const chat = page.locator('.channel-card[data-channel="freshchat"]');
    expect(await chat.textContent()).toContain("No one is available.");
    expect(errors).toEqual([]);
  });

  it("shows a change and its time without being reloaded, and lists the change", async () => {
    await open();

    const lunch = { id: "2", name: "Lunch", since: new Date().toISOString() };
    agents["42"] = [anAgent("1", { status: lunch }), anAgent("2"), anAgent("3")];

    const row = page.locator('.row[data-agent="1"]');
    await row.getByText("Lunch").waitFor();
    await page.locator(".recent-changes li", { hasText: "Agent 0001 switched to Lunch" }).waitFor();
    // The duration ticks between readings.
    const ticking = row.locator(".status .duration", { hasText: /^([2-9]|\d\d) s$/ });
    await ticking.waitFor();
    expect(await ticking.count()).toBe(1);
  });

  it("marks an agent over a limit and an uncovered channel, in text, and announces each once", async () => {
    supervision = { uncovered: [], statusLimits: [{ status: "On break", minutes: 15 }] };
    const onBreak = { id: "2", name: "On break", since: minutesAgo(27) };
    const soon = new Date(Date.now() - 15 * 60_000 + 20_000).toISOString();
    agents["42"] = [
      anAgent("1", { status: onBreak }),
      anAgent("2", { status: { ...onBreak, since: soon } }),
      anAgent("3"),
    ];
    await open();
    const statusOf = (id: string) => page.locator(`.row[data-agent="${id}"] .status`);
    await statusOf("1").getByText("12 min over the limit of 15 min").waitFor();
    expect(await statusOf("3").textContent()).not.toContain("limit");
    const live = page.locator("[aria-live=polite] p");
    await live.getByText("Agent 0001 is over the limit of 15 min in On break.").waitFor();
    const chat = page.locator('.channel-card[data-channel="freshchat"]');
    const heightOf = async () => (await chat.boundingBox())?.height;
    const height = await heightOf();

    // Without a new reading, as time passes.
    await statusOf("2")
      .getByText(/^⚠ \d+ s over the limit of 15 min$/)
      .waitFor();
    const uncovered = [{ channel: "freshchat", minimum: 1, since: minutesAgo(3) }];
    supervision = { ...supervision, uncovered };
    await chat.getByText(/Uncovered since .*: none available$/).waitFor();
    expect(await heightOf()).toBe(height);
    expect(await live.allTextContents()).toEqual([
      "Chat is uncovered: none available.",
      "Agent 0001 is over the limit of 15 min in On break.",
      "Agent 0002 is over the limit of 15 min in On break.",
    ]);

    await page.getByRole("button", { name: "Wallboard" }).click();
    await page
      .locator(".wallboard .overruns")
      .getByText("Agent 0001: On break, 12 min over the limit of 15 min")
      .waitFor();
    await page
      .locator('.wallboard .channel-card[data-channel="freshchat"] .coverage strong')
      .waitFor();
    expect(errors).toEqual([]);
  });

  it("filters by name, status and channel, and keeps the filters in the URL", async () => {
    agents["42"] = [
      anAgent("1", { name: "Zoë Müller" }),
      anAgent("2", { status: { id: "2", name: "Lunch" }, channels: {} }),
      anAgent("3"),
    ];
    await open();

    await page.getByLabel("Name").fill("muller");
    await page.getByText("1 of 3 agents").waitFor();
    expect(await names()).toEqual(["Zoë Müller"]);

    await page.getByLabel("Name").fill("");
    await page.getByLabel("Status").selectOption("Lunch");
    await page.getByText("1 of 3 agents").waitFor();
    expect(await names()).toEqual(["Agent 0002"]);

    await page.getByLabel("Status").selectOption("");
    await page.getByLabel("Available on").selectOption("freshdesk");
    await page.getByText("2 of 3 agents").waitFor();
    await page.reload();
    await page.getByText("2 of 3 agents").waitFor();

    await page.getByLabel("Name").fill("nobody of that name");
    await page.getByText("No agents match these filters.").waitFor();
  });

  it("switches between accounts", async () => {
    await open();
    await page.getByLabel("Account").selectOption("43");

    await page.locator('.row[data-agent="9"]').waitFor();
    expect(await names()).toEqual(["Other"]);
  });

  it("works with the keyboard alone", async () => {
    await open();
    const focusedText = async () =>
      await page.evaluate(() => {
        const element = document.activeElement;
        return element?.closest("label")?.textContent ?? element?.textContent ?? "";
      });
    const focusedTexts: string[] = [];
    for (let count = 0; count < 10; count += 1) {
      await page.keyboard.press("Tab");
      focusedTexts.push(await focusedText());
    }
    expect(focusedTexts.map((text) => text.slice(0, 8))).toEqual(
      expect.arrayContaining([
        "Account4",
        "Wallboar",
        "Name",
        "StatusAn",
        "Availabl",
        "Agent▴",
        "Status",
      ]),
    );

    await page.getByRole("button", { name: "Wallboard" }).press("Enter");
    await page.locator(".wallboard").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Wallboard" }).waitFor();
    await page.getByRole("button", { name: "Agent" }).press("Enter");
    await page.locator('[aria-sort="descending"]').waitFor();
    expect(await names()).toEqual(["Agent 0003", "Agent 0002", "Agent 0001"]);
  });

  it("turns the clock red and shows the reason while the server fails, and recovers", async () => {
    await open();
    expect(await page.locator(".as-of.stale").count()).toBe(0);

    failing = true;
    const stale = page.locator(".as-of.stale");
    await stale.waitFor();
    expect(await stale.textContent()).toContain("The server does not respond. Trying again.");
    // The last known data stays on the page.
    expect(await names()).toHaveLength(3);

    failing = false;
    await stale.waitFor({ state: "detached" });
  });

  it.each([
    ["markup", "<script>document.title='forged'</script><img src=x onerror=alert(1)>"],
    ["right-to-left text", "علي \u202Edlrow"],
    ["emoji", "👩‍💻 Ada"],
    ["256 characters", LONG_NAME],
  ])("shows a name of %s as text", async (_kind, name) => {
    agents["42"] = [anAgent("1", { name }), anAgent("2")];
    await open();

    expect(await names()).toContain(name);
    expect(await page.title()).toBe("Agent availability");
    expect(await page.locator("#board img, #board script").count()).toBe(0);
    const fits = await page.evaluate(
      () => document.documentElement.scrollWidth <= document.documentElement.clientWidth,
    );
    expect(fits).toBe(true);
  });

  it("names an agent without a name by email address or ID", async () => {
    agents["42"] = [
      { id: "7", channels: {} },
      { id: "8", email: "ada@acme.example", channels: {} },
    ];
    await open();

    expect(await names()).toEqual(["ada@acme.example", "Agent 7"]);
    expect(await page.locator('.row[data-agent="7"]').textContent()).toContain("Unknown");
  });

  it.each([
    [360, 780],
    [3840, 2160],
  ])(
    "fits a window of %d by %d without overlap, as page and as wallboard",
    async (width, height) => {
      agents["42"] = Array.from({ length: 40 }, (_, index) =>
        anAgent(String(index), { name: index === 0 ? LONG_NAME : `Agent ${index}` }),
      );
      supervision = supervisionOfAll();
      await page.setViewportSize({ width, height });
      for (const hash of ["", "#wallboard=1"]) {
        await page.goto("about:blank");
        await open(hash);
        const overlaps = await page.evaluate(() => {
          const boxes = [
            ...document.querySelectorAll(".row > .cell, .channel-card, .recent-changes"),
          ]
            .map((element) => ({ element, box: element.getBoundingClientRect() }))
            .filter(({ box }) => box.width > 0 && box.height > 0);
          return boxes.flatMap(({ element, box }, index) =>
            boxes
              .slice(index + 1)
              .filter(
                (other) =>
                  !element.contains(other.element) &&
                  box.left < other.box.right - 1 &&
                  other.box.left < box.right - 1 &&
                  box.top < other.box.bottom - 1 &&
                  other.box.top < box.bottom - 1,
              )
              .map((other) => `${element.className} over ${other.element.className}`),
          );
        });
        expect(overlaps).toEqual([]);
        const fits = await page.evaluate(
          () => document.documentElement.scrollWidth <= document.documentElement.clientWidth,
        );
        expect(fits).toBe(true);
      }
    },
  );

  it.each(["light", "dark"] as const)(
    "has no accessibility violations in the %s theme",
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme });
      supervision = supervisionOfAll();
      const source = readFileSync(
        createRequire(import.meta.url).resolve("axe-core/axe.min.js"),
        "utf8",
      );
      for (const hash of ["", "#wallboard=1"]) {
        await page.goto("about:blank");
        await open(hash);
        // Evaluated by the debugger, to which the page's Content-Security-Policy does not apply.
        await page.evaluate(source);
        const violations = await page.evaluate(async () => {
          const { axe } = globalThis as unknown as {
            axe: {
              run: () => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
            };
          };
          const result = await axe.run();
          return result.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ""}`);
        });
        expect(violations).toEqual([]);
      }
    },
  );

  it("renders only the visible rows of 5,000 agents, and the last ones after scrolling", async () => {
    agents["42"] = Array.from({ length: 5000 }, (_, index) => anAgent(String(index)));
    await open();
    await page.getByText("5000 agents").waitFor();
    expect(await page.locator(".table-body .row").count()).toBeLessThan(80);

    await page.evaluate(() => {
      window.scrollTo(0, document.documentElement.scrollHeight);
    });
    await page.locator('.row[data-agent="4999"]').waitFor();
  });

  it("does not shift its layout while 500 agents load and change", async () => {
    agents["42"] = Array.from({ length: 500 }, (_, index) => anAgent(String(index)));
    await page.addInitScript(() => {
      const shifts: number[] = [];
      Object.assign(globalThis, { shifts });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          shifts.push((entry as PerformanceEntry & { value: number }).value);
        }
      }).observe({ type: "layout-shift", buffered: true });
    });
    await open();
    const lunch = { id: "2", name: "Lunch", since: new Date().toISOString() };
    agents["42"] = agents["42"].map(({ id }) => anAgent(id, { status: lunch }));
    await page.locator('.row[data-agent="1"]').getByText("Lunch").waitFor();

    const total = await page.evaluate(() =>
      (globalThis as unknown as { shifts: number[] }).shifts.reduce((sum, each) => sum + each, 0),
    );
    expect(total).toBeLessThan(0.1);
  });
});

describe("the board's files", () => {
  it("stay under 60 KiB compressed", async () => {
    const files = await buildPage();
    const bytes = [...files.values()].map((content) => gzipSync(content).length);
    expect(bytes.reduce((sum, each) => sum + each, 0)).toBeLessThan(60 * 1024);
  });
});
