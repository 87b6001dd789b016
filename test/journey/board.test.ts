import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { SSMClient } from "@aws-sdk/client-ssm";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { type MutableToken, OAuth2Server } from "oauth2-mock-server";
import type { Browser, Page } from "playwright-core";

import { findParameters } from "../../commands/shared/deployed-stage.ts";
import { startBoard } from "../../local/board.ts";
import { createSigningKey } from "../../local/emulator/after-deploy.ts";
import { type Cloud, clientConfig } from "../../local/emulator/cloud.ts";
import { deployStacks, synth } from "../../local/emulator/deploy.ts";
import type { RunningCloud } from "../../local/emulator/start-cloud.ts";
import { sendChange } from "../../local/send.ts";
import { aPayload } from "../../tools/fakes/payload.ts";
import { launchBrowser } from "../builders/browser.ts";
import { eventually } from "../builders/eventually.ts";
import { root } from "../../tools/run/paths.ts";
import { startTestCloud } from "../builders/start-test-cloud.ts";
import { stopAfterAll } from "../builders/stop-after-all.ts";
import { post } from "./signed-post.ts";

const [ACCOUNT_A, ACCOUNT_B] = ["11010177632", "42"];
const AUDIENCE = "https://hub.example.com";

const folder = mkdtempSync(join(tmpdir(), "hosted-board-"));
const issuer = new OAuth2Server();
let running: RunningCloud;
let browser: Browser;
let page: Page;
let boardUrl = "";
let errors: string[] = [];

/** The claims of the next viewer's access token. */
let claims: Record<string, unknown> = {};

/** A CDK app that deploys this checkout with the setting `board`. */
function writeApp(): void {
  const file = JSON.parse(readFileSync(join(root, "cdk.json"), "utf8")) as {
    context: { stages: { local: object } };
  };
  const board = {
    issuer: issuer.issuer.url,
    clientId: "board",
    audience: AUDIENCE,
    accountIds: [ACCOUNT_A, ACCOUNT_B],
    accountsClaim: "accounts",
  };
  const local = { ...file.context.stages.local, board };
  writeFileSync(
    join(folder, "cdk.json"),
    JSON.stringify({
      app: `node ${join(root, "bin", "agent-availability.ts")}`,
      context: { ...file.context, stages: { local } },
    }),
  );
}

/** Deploys the board. @returns its URL with a host that every resolver resolves. */
async function deployBoard({ endpoint, stage, logFile }: Cloud): Promise<string> {
  const runFolder = join(folder, "run");
  mkdirSync(join(runFolder, "tmp"), { recursive: true });
  const { signal } = new AbortController();
  const deployment = { endpoint, stage, runFolder, logFile, folder, signal };
  await synth(deployment);
  const { BoardUrl: url = "" } = await deployStacks(deployment, ["AgentAvailabilityBoard"]);
  const [apiId = ""] = new URL(url).hostname.split(".");
  return `${endpoint}/_aws/execute-api/${apiId}/`;
}

async function startIssuer(): Promise<void> {
  await issuer.issuer.keys.generate("RS256");
  await issuer.start(0, "127.0.0.1");
  issuer.issuer.url = `http://127.0.0.1:${issuer.address().port}`;
  issuer.service.on("beforeTokenSigning", ({ payload }: MutableToken) => {
    Object.assign(payload, claims);
  });
}

/** Stores one agent in an account, as its relay does. */
async function storeAgent(cloud: Cloud, accountId: string, name: string): Promise<void> {
  await post(cloud, [
    aPayload({
      agent: { id: accountId, account_id: accountId, name, updated_at: new Date().toISOString() },
    }),
  ]);
}

/** A token for account A, unless `more` overrides the claims. */
async function aToken(more: Record<string, unknown> = {}, from = issuer): Promise<string> {
  return await from.issuer.buildToken({
    scopesOrTransform: (_header, payload) => {
      Object.assign(payload, { aud: AUDIENCE, accounts: [ACCOUNT_A], ...more });
    },
  });
}

const kinds = ["agents", "history", "changes"] as const;

/** The last 24 hours of the agent whom the test has stored in an account. */
function lastDayOf(agentId: string): string {
  const [from, to] = [Date.now() - 86_400_000, Date.now() + 60_000];
  return new URLSearchParams({
    agent: agentId,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
  }).toString();
}

async function request(accountId: string, token?: string, kind: (typeof kinds)[number] = "agents") {
  const url = `${boardUrl}v1/accounts/${accountId}/${kind}?${lastDayOf(accountId)}`;
  const response = await fetch(url, {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  });
  return { status: response.status, body: await response.text() };
}

const stopLater = stopAfterAll();

beforeAll(async () => {
  stopLater(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  await startIssuer();
  stopLater(async () => await issuer.stop());
  writeApp();
  running = await startTestCloud(join(folder, "log"), [
    "AgentAvailabilityHistory",
    "AgentAvailabilitySupervision",
  ]);
  stopLater(running.stop);
  const { cloud } = running;
  boardUrl = await deployBoard(cloud);
  const ssm = new SSMClient(clientConfig(cloud));
  const parameters = await findParameters(ssm, cloud.stage, ["signing-keys-secret-arn"]);
  const secretId = parameters["signing-keys-secret-arn"];
  // Before the first event: the function's copy of the keys is up to 30 seconds old.
  const signingKey = await createSigningKey(cloud, secretId, ACCOUNT_B);
  await storeAgent(cloud, ACCOUNT_A, "Ada of A");
  await storeAgent(
    { ...cloud, accounts: [{ accountId: ACCOUNT_B, signingKey }] },
    ACCOUNT_B,
    "Bo of B",
  );
  browser = await launchBrowser();
  stopLater(async () => await browser.close());
});

beforeEach(() => {
  claims = { aud: AUDIENCE, accounts: [ACCOUNT_A] };
});

describe("the data of the hosted board", () => {
  it("is returned to a viewer of the account, without data of another account", async () => {
    const { status, body } = await request(ACCOUNT_A, await aToken());

    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({
      accountId: ACCOUNT_A,
      agents: [{ name: "Ada of A" }],
    });
    expect(body).not.toContain("Bo of B");
  });

  it("includes the history of the account's agents and its last changes", async () => {
    const token = await aToken();
    const history = async () => await request(ACCOUNT_A, token, "history");
    await eventually("the history of Ada", async () =>
      (await history()).body.includes('"unknown":false'),
    );

    expect(await request(ACCOUNT_A, token, "changes")).toEqual({
      status: 200,
      // An agent's first event is not a change.
      body: JSON.stringify({ accountId: ACCOUNT_A, changes: [] }),
    });
    expect((await request(ACCOUNT_A, await aToken({ exp: 1_700_000_000 }), "history")).status).toBe(
      401,
    );
  });
});

describe("a request for the hosted board's data", () => {
  it.each([
    ["without a token", async () => await Promise.resolve(undefined)],
    ["with a malformed token", async () => await Promise.resolve("a.b.c")],
    [
      "with an expired token",
      async () => await aToken({ exp: Math.floor(Date.now() / 1000) - 60 }),
    ],
    [
      "with a token for another audience",
      async () => await aToken({ aud: "https://other.example.com" }),
    ],
    ["with a token of another issuer", async () => await aToken({ iss: "http://127.0.0.1:1" })],
  ])("is rejected with 401 %s", async (_title, token) => {
    const { status, body } = await request(ACCOUNT_A, await token());

    expect(status).toBe(401);
    expect(body).not.toContain("Ada");
  });

  it("is rejected with 401 if the token has the signature of another key", async () => {
    const forger = new OAuth2Server();
    await forger.issuer.keys.generate("RS256");
    forger.issuer.url = issuer.issuer.url ?? "";

    expect((await request(ACCOUNT_A, await aToken({}, forger))).status).toBe(401);
  });

  it.each(kinds)(
    "is rejected with 403 for the %s of an account that the token does not list",
    async (kind) => {
      const { status, body } = await request(ACCOUNT_B, await aToken(), kind);

      expect(status).toBe(403);
      expect(JSON.parse(body)).toEqual({
        type: "about:blank",
        title: "Forbidden",
        status: 403,
        detail: `Your access token does not list account ${ACCOUNT_B}. Ask the team that runs the hub for access.`,
      });
    },
  );
});

describe("the page of the hosted board", () => {
  beforeEach(async () => {
    errors = [];
    const context = await browser.newContext();
    page = await context.newPage();
    page.setDefaultTimeout(300_000);
    page.on("console", (message) => {
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
        errors.push(message.text());
      }
    });
    await page.goto(boardUrl);
  });

  afterEach(async () => {
    await page.context().close();
  });

  const signIn = async () => {
    await page.getByRole("button", { name: "Sign in" }).click();
  };

  it("shows a viewer of account A its agents and nothing of account B, until sign-out", async () => {
    const bodies: string[] = [];
    page.on("response", (response) => {
      void response.text().then(
        (text) => bodies.push(text),
        () => undefined,
      );
    });
    await signIn();
    await page.locator(".row .name", { hasText: "Ada of A" }).waitFor();

    await page.getByRole("button", { name: "Ada of A" }).press("Enter");
    await page.getByRole("dialog").locator(".day-bar .segment").first().waitFor();
    await page.keyboard.press("Escape");
    expect(await page.locator("body").textContent()).not.toContain("Bo of B");
    expect(await page.getByLabel("Account").count()).toBe(0);
    expect(new URL(page.url()).search).toBe("");

    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByText("Sign in to see who is available.").waitFor();
    expect(await page.evaluate(() => Object.keys(sessionStorage))).toEqual([]);
    expect(bodies.join("\n")).not.toContain("Bo of B");
    expect(errors).toEqual([]);
  });

  it("shows both accounts to a viewer of both", async () => {
    claims["accounts"] = [ACCOUNT_A, ACCOUNT_B];
    await signIn();
    await page.getByLabel("Account").selectOption(ACCOUNT_B);

    await page.locator(".row .name", { hasText: "Bo of B" }).waitFor();
    expect(errors).toEqual([]);
  });

  it("shows the next step if the sign-in lists no account of the board", async () => {
    claims["accounts"] = ["7"];
    await signIn();

    await page
      .getByText(
        "Your sign-in does not include any account of this board. Ask the team that runs the board.",
      )
      .waitFor();
    expect(await page.getByRole("button", { name: "Sign out" }).count()).toBe(1);
  });

  it.each([
    ["has expired", { exp: 1_700_000_000 }],
    ["is for another audience", { aud: "https://other.example.com" }],
  ])("asks to sign in again if the token %s", async (_title, more) => {
    Object.assign(claims, more);
    await signIn();

    await page.getByText("Your sign-in has expired. Sign in again.").waitFor();
    claims = { aud: AUDIENCE, accounts: [ACCOUNT_A] };
    await page.getByRole("button", { name: "Sign in again" }).click();
    await page.locator(".row .name", { hasText: "Ada of A" }).waitFor();
    expect(errors).toEqual([]);
  });
});

describe("the board that npm start serves", () => {
  it("shows no agents before the cloud exists, then a sample agent's lunch", async () => {
    const { cloud } = running;
    const board = await startBoard({
      stage: cloud.stage,
      accountIds: [ACCOUNT_A],
      onError: (error) => errors.push(String(error)),
    });
    const context = await browser.newContext();
    try {
      const local = await context.newPage();
      local.setDefaultTimeout(300_000);
      await local.goto(board.url);
      await local.getByText("No agents yet.").waitFor();
      await sendChange(cloud, { agent: "rachel", open: ["freshchat"], close: [] });
      await board.show(cloud);
      const row = local.locator(".table-body .row", { hasText: "Rachel Green" });
      await row.waitFor();
      expect(await row.textContent()).toContain("Available");

      const change = { agent: "rachel", status: "Lunch", open: [], close: ["freshchat"] } as const;
      expect(await sendChange(cloud, change)).toMatchObject({ outcome: "applied" });
      await row.getByText("Lunch").waitFor();
      await local
        .locator(".recent-changes li", { hasText: "Rachel Green switched to Lunch" })
        .waitFor();

      await local.getByRole("button", { name: "Rachel Green" }).click();
      // The history has the change a few seconds later; the page polls it.
      const times = local.getByRole("dialog").locator(".day-times");
      await times.locator("tr", { hasText: "Lunch" }).waitFor();
    } finally {
      await context.close();
      await board.close();
    }
  });
});
