import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

import { relayParameters } from "../../local/freshworks-platform/iparams.ts";
import {
  createFreshworksPlatform,
  type PlatformRequest,
  type PlatformResponse,
  sendTo,
} from "../../local/freshworks-platform/platform.ts";
import { KEY } from "../../tools/fakes/request.ts";

const relay = fileURLToPath(new URL("../../relay", import.meta.url));
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
}

/** The relay's folder with another server: `handler` is the body of the product event's handler. */
function aPlatform({ handler = "", send = () => ok, more = {} }: AnApp = {}) {
  writeFileSync(
    join(folder, "server", "server.js"),
    `exports = { onAgentAvailabilityUpdateHandler: async function (payload) { ${handler} },
      onScheduledEventHandler: async function (payload) { console.log("fired " + payload.data.name); },
      onAppInstallHandler: async function () { renderData(); } };`,
  );
  return createFreshworksPlatform({
    appFolder: folder,
    iparams: { ...iparams, ...more },
    send: async (request) => await send(request),
    now: () => clock,
  });
}

function change(file: string, edit: (content: Record<string, unknown>) => unknown): void {
  const path = join(folder, file);
  const content = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  writeFileSync(path, JSON.stringify(edit(content)));
}

/** What a handler with this body writes to the log. */
async function logOf(app: AnApp): Promise<string> {
  const platform = aPlatform(app);
  await platform.raise("onAgentAvailabilityUpdate", { data: {} });
  return platform.log.map(({ text }) => text).join("\n");
}

const context = `{ host: "hub.example", path: "p", id: "i", timestamp: "1", signature: "s", version: "1" }`;
const invoke = (body = '"{}"', with_ = context) =>
  `try { await $request.invokeTemplate("relayEvent", { context: ${with_}, body: ${body} }); console.log("sent"); }
   catch (error) { console.log(error.status + " " + error.errorSource + " " + error.message); }`;

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
  ])("has no %s", async (name) => {
    expect(await logOf({ handler: `${name};` })).toContain("unhandled");
  });

  it.each(["crypto", "node:crypto", "zod", "../../outside"])(
    "cannot require %s, which is neither its own nor a dependency of its manifest",
    async (name) => {
      expect(await logOf({ handler: `require(${JSON.stringify(name)});` })).toContain(
        `Cannot find module '${name}'`,
      );
    },
  );

  it("reads the platform's clock", async () => {
    expect(await logOf({ handler: "console.log(new Date().toISOString() + Date.now());" })).toBe(
      `2026-11-24T08:00:00.000Z${clock}`,
    );
  });

  it("may render data while it is installed, and at no other time", async () => {
    expect(await aPlatform().install()).toBeUndefined();
    expect(await logOf({ handler: "renderData();" })).toContain(
      "renderData is there for the installation only",
    );
  });

  it("is shown in the log with all that it gives to the log", async () => {
    expect(await logOf({ handler: 'console.error(new Error("told"), { a: 1 });' })).toMatch(
      /told[^]*\{ a: 1 \}/,
    );
  });

  it("is ended after 20 seconds: nothing that it asks for then is done", async () => {
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
    expect(platform.log.at(-1)?.text).toBe("unhandled: the handler took over 20 seconds");
  });

  it.each([
    ["manifest.json", { "platform-version": "2.3" }],
    ["manifest.json", { dependencies: { "fast-sha256": "^1.3.0" } }],
    ["manifest.json", { "whitelisted-domains": [] }],
    ["config/iparams.json", { a_key: { display_name: "A key", type: "text" } }],
  ])("is refused for %s with %j", (file, more) => {
    change(file, (content) => ({ ...content, ...more }));

    expect(() => aPlatform()).toThrow();
  });

  it("may refuse its installation in 60 characters, and not one more", async () => {
    const refusing = (length: number) => {
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

    expect(await refusing(60).install()).toBe("x".repeat(60));
    await expect(refusing(61).install()).rejects.toThrow("over 60 characters");
  });

  it("is handed no payload of over 256 KB", async () => {
    await expect(
      aPlatform().raise("onAgentAvailabilityUpdate", { data: "x".repeat(256 * 1024) }),
    ).rejects.toThrow("256 KB");
  });

  it("is installed for a hub in AWS with its host, and for a local one with a full name that stands for it", () => {
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

  it("is not run with parameters that its installation page does not ask for", () => {
    expect(() => aPlatform({ more: { other: "x" } })).toThrow("unknown other");
  });
});

describe("a request", () => {
  it("goes out as its template says, filled in", async () => {
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
    ["an address", context.replace("hub.example", "127.0.0.1")],
    ["a host with a scheme", context.replace("hub.example", "https://hub.example")],
    ["a context that lacks a value", "{}"],
  ])("is refused by the platform for %s", async (_, given) => {
    expect(await logOf({ handler: invoke('"{}"', given) })).toMatch(/^400 PLATFORM/);
  });

  it("takes a secure parameter in a header, and nowhere else", async () => {
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

  it("is refused with 429 after 50 in one minute, and taken again when the minute is over", async () => {
    const platform = aPlatform({ handler: invoke() });
    const tell = () => platform.log.at(-1)?.text;
    for (let count = 1; count <= 51; count += 1) {
      await platform.raise("onAgentAvailabilityUpdate", {});
    }

    expect(platform.requests).toHaveLength(50);
    expect(tell()).toMatch(/^429 PLATFORM/);
    clock += 60_000;
    await platform.raise("onAgentAvailabilityUpdate", {});
    expect(tell()).toBe("sent");
  });

  it("may have 100 KB, and not a byte more", async () => {
    expect(await logOf({ handler: invoke('"x".repeat(102400)') })).toBe("sent");
    expect(await logOf({ handler: invoke('"x".repeat(102401)') })).toMatch(/^400 PLATFORM/);
  });

  it.each([
    ["15 seconds", 15_000, "sent"],
    ["longer than 15 seconds", 15_001, "504 PLATFORM the request timed out"],
  ])("that takes %s ends so: %s", async (_, took, told) => {
    const send = () => {
      clock += took;
      return ok;
    };

    expect(await logOf({ handler: invoke(), send })).toBe(told);
  });

  it.each([
    ["application/json; charset=utf-8", "sent"],
    ["text/html", "sent"],
    ["application/problem+json", "415 PLATFORM the response's content type is not supported"],
  ])("answered as %s ends so: %s", async (type, told) => {
    const send = () => ({ ...ok, headers: { "content-type": type } });

    expect(await logOf({ handler: invoke(), send })).toBe(told);
  });

  it("over a real network brings method, path, headers and body to the base address, and follows no redirection", async () => {
    const seen: unknown[] = [];
    const server = createServer((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers["webhook-id"]}`);
      request.on("data", (data: Buffer) => seen.push(data.toString()));
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
    expect(seen).toEqual(["POST /base/v1 i", "text"]);
    server.close();
  });
});

describe("a schedule", () => {
  const create = (more = "", verb = "create") =>
    `try { await $schedule.${verb}(Object.assign({ name: "a", data: { name: "a" }, schedule_at: new Date(Date.now() + 300000).toISOString() }, ${more || "{}"})); console.log("done"); }
     catch (error) { console.log(String(error.status)); }`;

  it.each([
    ["less than 5 minutes ahead", "{ schedule_at: new Date(Date.now() + 299999).toISOString() }"],
    ["at no time", '{ schedule_at: "soon" }'],
    ["with over 4 KB", '{ data: { x: "x".repeat(4089) } }'],
    ["with data that are no object", '{ data: "text" }'],
    ["with a name of 31 characters", '{ name: "x".repeat(31) }'],
  ])("is refused %s", async (_, more) => {
    expect(await logOf({ handler: create(more) })).toBe("400");
  });

  it("may hold 4 KB, and have a name of 30 characters", async () => {
    expect(
      await logOf({ handler: create('{ name: "x".repeat(30), data: { x: "x".repeat(4088) } }') }),
    ).toBe("done");
  });

  it("is created once, and changed, read and deleted only when it is there", async () => {
    expect(await logOf({ handler: create() + create() })).toBe("done\n409");
    expect(
      await logOf({
        handler: create("", "update") + create("", "fetch") + create("", "delete"),
      }),
    ).toBe("404\n404\n404");
  });

  it("fires when it is due, as it is by then, and once", async () => {
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
});
