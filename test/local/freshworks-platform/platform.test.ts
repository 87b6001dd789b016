import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

import { sendTo } from "../../../local/freshworks-platform/network.ts";
import { relayParameters } from "../../../local/freshworks-platform/iparams.ts";
import {
  createFreshworksPlatform,
  type PlatformBehavior,
} from "../../../local/freshworks-platform/platform.ts";
import type { PlatformResponse } from "../../../local/freshworks-platform/requests.ts";
import type { PlatformRequest } from "../../../local/freshworks-platform/templates.ts";
import { KEY } from "../../../tools/fakes/request.ts";

const relay = fileURLToPath(new URL("../../../relay", import.meta.url));
const ok: PlatformResponse = {
  status: 200,
  headers: { "content-type": "application/json" },
  body: "{}",
};
const iparams = relayParameters({
  ingestUrl: "http://127.0.0.1:4566/_aws/execute-api/abcd1234",
  accountId: "11010177632",
  signingKey: KEY,
});

let folder: string;
let clock: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "an-app-"));
  cpSync(relay, folder, { recursive: true });
  clock = Date.parse("2026-11-24T08:00:00Z");
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

interface AnApp {
  readonly handler?: string;
  readonly send?: (request: PlatformRequest) => Promise<PlatformResponse> | PlatformResponse;
  readonly more?: Readonly<Record<string, string>>;
  readonly behavior?: PlatformBehavior;
}

/** The relay's folder with another server: `handler` is the body of the product event's handler. */
function aPlatform({ handler = "", send = () => ok, more = {}, behavior = {} }: AnApp = {}) {
  writeFileSync(
    join(folder, "server", "server.js"),
    `exports = { onAgentAvailabilityUpdateHandler: async function (payload) { ${handler}; renderData(); },
      onScheduledEventHandler: async function (payload) { console.info("fired " + payload.data.name); renderData(); },
      onAppInstallHandler: async function () { renderData(); } };`,
  );
  return createFreshworksPlatform({
    appFolder: folder,
    iparams: { ...iparams, ...more },
    send: async (request) => await send(request),
    now: () => clock,
    ...behavior,
  });
}

function change(file: string, edit: (content: Record<string, unknown>) => unknown): void {
  const path = join(folder, file);
  const content = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  writeFileSync(path, JSON.stringify(edit(content)));
}

/** Runs a handler with this body. @returns its log. */
async function logOf(app: AnApp): Promise<string> {
  const platform = aPlatform(app);
  await platform.raise("onAgentAvailabilityUpdate", { data: {} });
  return platform.log.map(({ text }) => text).join("\n");
}

const context = `{ host: "hub.example", path: "p", id: "i", timestamp: "1", signature: "s", version: "1" }`;
const invoke = (body = '"{}"', with_ = context) =>
  `try { await $request.invokeTemplate("relayEvent", { context: ${with_}, body: ${body} }); console.info("sent"); }
   catch (error) { console.info(error.status + " " + error.errorSource + " " + error.message); }`;

describe("an app", () => {
  it.each([
    "process",
    "Buffer",
    "setTimeout",
    "setInterval",
    "setImmediate",
    "TextEncoder",
    "crypto",
    "fetch",
    "URL",
    "module.parent.x",
    "console.log()",
    "console.warn()",
    "console.debug()",
    "console.trace()",
  ])("cannot use %s", async (name) => {
    expect(await logOf({ handler: `${name};` })).toContain("unhandled");
  });

  it.each(["crypto", "node:crypto", "zod", "../../outside"])(
    "cannot require %s, which is neither a file of the app nor a dependency in its manifest",
    async (name) => {
      expect(await logOf({ handler: `require(${JSON.stringify(name)});` })).toContain(
        `Cannot find module '${name}'`,
      );
    },
  );

  it("reads the platform's clock", async () => {
    expect(await logOf({ handler: "console.info(new Date().toISOString() + Date.now());" })).toBe(
      `2026-11-24T08:00:00.000Z${clock}`,
    );
  });

  it("must call renderData once in every handler", async () => {
    expect(await aPlatform().install()).toBeUndefined();
    expect(await logOf({ handler: "renderData()" })).toContain("called renderData 2 times");
    expect(await logOf({ handler: "return" })).toContain("called renderData 0 times");
    expect(await logOf({})).toBe("");
  });

  it("cannot call renderData after the installation on a platform that does not offer it there", async () => {
    const behavior = { renderData: "installation only" } as const;

    expect(await aPlatform({ behavior }).install()).toBeUndefined();
    expect(await logOf({ behavior })).toContain(
      "renderData is available during the installation only",
    );
  });

  it("can log errors and objects", async () => {
    expect(await logOf({ handler: 'console.error(new Error("message"), { a: 1 });' })).toMatch(
      /message[^]*\{ a: 1 \}/,
    );
  });

  it("is ended after 20 seconds and cannot send or schedule anything after that", async () => {
    const platform = aPlatform({
      handler: `${invoke()} ${invoke()} await $schedule.create({ name: "late", data: {}, schedule_at: new Date(Date.now() + 600000).toISOString() });`,
      send: () => {
        clock += 20_001;
        return ok;
      },
    });

    await platform.raise("onAgentAvailabilityUpdate", {});

    expect(platform.requests).toHaveLength(1);
    expect(platform.schedules.size).toBe(0);
    expect(platform.log.map(({ text }) => text)).toContain(
      "unhandled: the handler took more than 20 seconds",
    );
  });

  it.each([
    ["manifest.json", { "platform-version": "2.3" }, /expected \\"3.0\\"/],
    ["manifest.json", { dependencies: { "fast-sha256": "^1.3.0" } }, "must be an exact version"],
    ["manifest.json", { "whitelisted-domains": [] }, "whitelisted-domains"],
    [
      "manifest.json",
      { modules: { common: {}, support_agent: { events: { onAgentLogin: { handler: "h" } } } } },
      "onAgentLogin",
    ],
    ["manifest.json", { modules: { common: {}, support_agent: {}, calls: {} } }, "calls"],
    [
      "config/iparams.json",
      { a_key: { display_name: "A key", type: "text" } },
      "a parameter whose name suggests a secret must be secure",
    ],
    [
      "config/iparams.json",
      { host: { display_name: "Host", type: "text", regex: { host: "x" } } },
      "every pattern must have an error message",
    ],
  ])("is rejected for %s with %j", (file, more, message) => {
    change(file, (content) => ({ ...content, ...more }));

    expect(() => aPlatform()).toThrow(message);
  });

  it("can reject its installation with at most 60 characters", async () => {
    const rejecting = (length: number) => {
      writeFileSync(
        join(folder, "server", "server.js"),
        `exports = { onAppInstallHandler: async function () { renderData({ message: "x".repeat(${length}) }); } };`,
      );
      return createFreshworksPlatform({
        appFolder: folder,
        iparams,
        send: async () => await Promise.resolve(ok),
      });
    };

    expect(await rejecting(60).install()).toBe("x".repeat(60));
    await expect(rejecting(61).install()).rejects.toThrow("must contain at most 60 characters");
  });

  it("does not receive a payload of more than 256 KB", async () => {
    await expect(
      aPlatform().raise("onAgentAvailabilityUpdate", { data: "x".repeat(256 * 1024) }),
    ).rejects.toThrow("a payload must be at most 256 KB");
  });

  it("is installed with the host of a hub in AWS, and with a placeholder for a local hub", () => {
    const parametersFor = (ingestUrl: string) =>
      relayParameters({ ingestUrl, accountId: "1", signingKey: "whsec_a" });

    expect(parametersFor("https://abc.execute-api.eu-central-1.amazonaws.com")).toEqual({
      hub_host: "abc.execute-api.eu-central-1.amazonaws.com",
      hub_path: "/v1/accounts/1/availability-events",
      signing_key: "whsec_a",
    });
    expect(parametersFor("http://127.0.0.1:4566/_aws/execute-api/abcd1234")).toEqual({
      hub_host: "hub.example",
      hub_path: "/v1/accounts/1/availability-events",
      signing_key: "whsec_a",
    });
  });

  it("is rejected with parameters that iparams.json does not declare", () => {
    expect(() => aPlatform({ more: { other: "x" } })).toThrow("unknown: other");
  });
});

describe("a request", () => {
  it("is sent as its template describes", async () => {
    const platform = aPlatform({ handler: invoke('"[1]"') });

    await platform.raise("onAgentAvailabilityUpdate", {});

    expect(platform.requests).toEqual([
      {
        status: 200,
        request: {
          method: "POST",
          url: "https://hub.example/p",
          headers: {
            "content-type": "application/json",
            "webhook-id": "i",
            "webhook-timestamp": "1",
            "webhook-signature": "s",
            "x-relay-version": "1",
          },
          body: "[1]",
        },
      },
    ]);
  });

  it.each([
    ["an IP address", context.replace("hub.example", "127.0.0.1")],
    ["a host with a scheme", context.replace("hub.example", "https://hub.example")],
    ["a missing context value", "{}"],
  ])("is rejected by the platform for %s", async (_, given) => {
    expect(await logOf({ handler: invoke('"{}"', given) })).toMatch(/^400 PLATFORM/);
  });

  it("may contain a secure parameter in a header only", async () => {
    const withPath = (path: string, header: string) => {
      change("config/requests.json", () => ({
        relayEvent: {
          schema: {
            protocol: "https",
            method: "POST",
            host: "hub.example",
            path,
            headers: { "x-key": header },
          },
        },
      }));
    };

    withPath("/<%= iparam.signing_key %>", "none");
    expect(await logOf({ handler: invoke() })).toMatch(/^400 PLATFORM/);
    withPath("/", "<%= iparam.signing_key %>");
    expect(await logOf({ handler: invoke() })).toBe("sent");
    withPath("/", "<%= somebody.else %>");
    expect(await logOf({ handler: invoke() })).toMatch(/^400 PLATFORM/);
  });

  it("is rejected with 429 after 50 in one minute and accepted again after that minute", async () => {
    const platform = aPlatform({ handler: invoke() });
    const lastLine = () => platform.log.at(-1)?.text;
    for (let count = 1; count <= 51; count += 1) {
      await platform.raise("onAgentAvailabilityUpdate", {});
    }

    expect(platform.requests).toHaveLength(50);
    expect(lastLine()).toMatch(/^429 PLATFORM/);
    clock += 60_000;
    await platform.raise("onAgentAvailabilityUpdate", {});
    expect(lastLine()).toBe("sent");
  });

  it("may have at most 100 KB", async () => {
    expect(await logOf({ handler: invoke('"x".repeat(102400)') })).toBe("sent");
    expect(await logOf({ handler: invoke('"x".repeat(102401)') })).toMatch(/^400 PLATFORM/);
  });

  it.each([
    ["15 seconds", 15_000, "sent"],
    ["longer than 15 seconds", 15_001, "504 PLATFORM the request timed out"],
  ])("that takes %s ends with: %s", async (_, took, expected) => {
    const send = () => {
      clock += took;
      return ok;
    };

    expect(await logOf({ handler: invoke(), send })).toBe(expected);
  });

  it.each([
    ["application/json; charset=utf-8", "sent"],
    ["text/html", "sent"],
    ["application/problem+json", "415 PLATFORM the response's content type is not supported"],
  ])("with a response of type %s ends with: %s", async (type, expected) => {
    const send = () => ({ ...ok, headers: { "content-type": type } });

    expect(await logOf({ handler: invoke(), send })).toBe(expected);
  });

  it("keeps method, path, headers and body over a real network, and follows no redirect", async () => {
    const received: unknown[] = [];
    const server = createServer((request, response) => {
      const { method = "", url = "", headers } = request;
      received.push(`${method} ${url} ${String(headers["webhook-id"])}`);
      request.on("data", (data: Buffer) => received.push(data.toString()));
      request.on("end", () => {
        response.writeHead(302, { location: "/elsewhere", "content-type": "application/json" });
        response.end("{}");
      });
    });
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    const { port } = server.address() as AddressInfo;

    const { status } = await sendTo(`http://127.0.0.1:${port}/base`)({
      method: "POST",
      url: "https://hub.example/v1",
      headers: { "webhook-id": "i" },
      body: "text",
    });

    expect(status).toBe(302);
    expect(received).toEqual(["POST /base/v1 i", "text"]);
    server.close();
  });
});

describe("a schedule", () => {
  const create = (more = "", verb = "create") =>
    `try { await $schedule.${verb}(Object.assign({ name: "a", data: { name: "a" }, schedule_at: new Date(Date.now() + 300000).toISOString() }, ${more || "{}"})); console.info("done"); }
     catch (error) { console.info(String(error.status)); }`;

  it.each([
    ["less than 5 minutes ahead", "{ schedule_at: new Date(Date.now() + 299999).toISOString() }"],
    ["at an invalid time", '{ schedule_at: "soon" }'],
    ["with more than 4 KB", '{ data: { x: "x".repeat(4089) } }'],
    ["with data that is not an object", '{ data: "text" }'],
    ["with a name of 31 characters", '{ name: "x".repeat(31) }'],
  ])("is rejected %s", async (_, more) => {
    expect(await logOf({ handler: create(more) })).toBe("400");
  });

  it("may have 4 KB and a name of 30 characters", async () => {
    expect(
      await logOf({ handler: create('{ name: "x".repeat(30), data: { x: "x".repeat(4088) } }') }),
    ).toBe("done");
  });

  it("can be created once, and updated, fetched and deleted only if it exists", async () => {
    expect(await logOf({ handler: create() + create() })).toBe("done\n409");
    expect(
      await logOf({
        handler: create("", "update") + create("", "fetch") + create("", "delete"),
      }),
    ).toBe("404\n404\n404");
  });

  it("fires once, when it is due", async () => {
    const platform = aPlatform({
      handler: create() + create('{ name: "b", data: { name: "b" } }'),
    });
    await platform.raise("onAgentAvailabilityUpdate", {});

    expect(await platform.fireSchedules()).toBe(0);
    clock += 300_000;
    expect(await platform.fireSchedules()).toBe(2);
    expect(await platform.fireSchedules({ ahead: true })).toBe(0);
    expect(platform.log.map(({ text }) => text).slice(-2)).toEqual(["fired a", "fired b"]);
  });

  describe.each([
    ["disappears", "404 404 done"],
    ["remains", "done done 409"],
    ["rejects updates", "done 400 409"],
    ["is hidden", "404 404 409"],
  ] as const)("that has fired on a platform where it %s", (firedSchedule, statuses) => {
    it(`responds to fetch, update and create with ${statuses}`, async () => {
      const platform = aPlatform({
        handler:
          "if (payload.code === 1) { " +
          create() +
          " } else { " +
          create("", "fetch") +
          create("", "update") +
          create() +
          " }",
        behavior: { firedSchedule },
      });
      await platform.raise("onAgentAvailabilityUpdate", { code: 1 });
      await platform.fireSchedules({ ahead: true });
      const before = platform.log.length;

      await platform.raise("onAgentAvailabilityUpdate", { code: 2 });

      const lines = platform.log.slice(before).map(({ text }) => text);
      expect(lines.join(" ")).toBe(statuses);
    });

    it("never fires again without being created again", async () => {
      const platform = aPlatform({
        handler:
          "if (payload.code === 1) { " + create() + " } else { " + create("", "update") + " }",
        behavior: { firedSchedule },
      });
      await platform.raise("onAgentAvailabilityUpdate", { code: 1 });
      await platform.fireSchedules({ ahead: true });
      await platform.raise("onAgentAvailabilityUpdate", { code: 2 });

      expect(await platform.fireSchedules({ ahead: true })).toBe(0);
    });
  });
});
