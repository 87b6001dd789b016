import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { build } from "esbuild";

import { checksPrograms } from "../../../tools/checks/python.ts";
import { clientConfig } from "../../../local/emulator/cloud.ts";
import type { RunningCloud } from "../../../local/emulator/start-cloud.ts";
import { runCommand } from "../../../tools/run/command.ts";
import { binFolder, root } from "../../../tools/run/paths.ts";
import {
  certainAgents,
  CROWDED_ACCOUNT,
  fill,
  startFlipping,
  LOGGED_OUT_PERSON,
} from "../../builders/many-agents.ts";
import { aProject, type Project } from "../../builders/packed-project.ts";
import { startTestCloud } from "../../builders/start-test-cloud.ts";

const AGENTS = 4000;
const folder = mkdtempSync(join(tmpdir(), "lookups-"));
const examples = join(root, "examples", "lookups");
/** The arguments of each example: stage, account, availability ID, email address, agent ID, user ID. */
const exampleArguments = [
  "local",
  CROWDED_ACCOUNT,
  "a00005",
  "Agent5@ACME.com",
  "chat-5",
  LOGGED_OUT_PERSON.userId,
];

let running: RunningCloud;
let client: DynamoDBClient;
let project: Project;
/** The compiler's output for the example. */
let compilerOutput: string;

/** Runs a program with an environment that contains only the local cloud. */
async function run(command: string, args: readonly string[]): Promise<string> {
  const { endpoint, region, accessKeyId, secretAccessKey } = running.cloud;
  const { code, output } = await runCommand(command, args, {
    env: {
      PATH: [await checksPrograms(), process.env["PATH"]].join(delimiter),
      HOME: folder,
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_EC2_METADATA_DISABLED: "true",
    },
  });
  if (code !== 0) {
    throw new Error(`${command} ${args.join(" ")} ended with ${String(code)}: ${output}`);
  }
  return output;
}

type Results = Record<string, unknown>;

/** Parses what an example printed: a line of JSON for each lookup. */
function parseResults(output: string): Results {
  const lines = output.split("\n").filter((line) => line.startsWith("{"));
  const results = lines.map((line) => JSON.parse(line) as { lookup: string; result: unknown });
  return Object.fromEntries(results.map(({ lookup, result }) => [lookup, result]));
}

const agent5 = {
  accountId: CROWDED_ACCOUNT,
  availabilityId: "a00005",
  name: "Agent 5",
  email: "agent5@acme.com",
  loggedIn: true,
  status: { id: "232", name: "On break", since: "2026-11-22T08:50:00.000Z" },
  channels: { freshchat: { available: true, agentId: "chat-5" } },
  since: {
    freshdesk: {},
    freshchat: { availableSince: "2026-11-22T02:39:34.000Z" },
    freshcaller: {},
  },
  actor: { type: "agent", id: "11032938000" },
  epoch: 1_795_486_584_641,
  version: 7,
  updatedAt: "2026-11-22T09:00:00.000Z",
  receivedAt: "2026-11-22T09:00:01.000Z",
  domain: "acme.freshdesk.com",
  region: "US",
};

const compilerOptions = { target: "es2022", lib: ["es2023"], types: ["node"], strict: true };
const strictest = { exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true };

/** Writes the example, a file of expected type errors, and a project file for each kind of resolution. */
function writeSources(): void {
  project.write("lookups.ts", readFileSync(join(examples, "lookups.ts"), "utf8"));
  project.write(
    "wrong.ts",
    `import { createAgentLookup, type Agent } from "agent-availability-hub/lookups";
     const lookup = createAgentLookup({ tableName: "agents" });
     // @ts-expect-error -- neither a table nor a stage is set
     createAgentLookup({});
     // @ts-expect-error -- an index cannot be read consistently
     lookup.availableOn("1", "freshchat", { consistent: true });
     // @ts-expect-error -- the agent may not exist
     const agent: Agent = await lookup.byAvailabilityId("1", "2");
     export const since: string | undefined = agent.since.freshchat?.availableSince;`,
  );
  const files = ["lookups.ts", "wrong.ts"];
  project.write(
    "tsconfig.json",
    JSON.stringify({
      compilerOptions: { ...compilerOptions, ...strictest, module: "nodenext" },
      files,
    }),
  );
  project.write(
    "tsconfig.bundler.json",
    JSON.stringify({
      compilerOptions: {
        ...compilerOptions,
        module: "esnext",
        moduleResolution: "bundler",
        noEmit: true,
      },
      files,
    }),
  );
}

beforeAll(async () => {
  const installing = aProject(["@aws-sdk/client-dynamodb", "@aws-sdk/client-ssm", "@types/node"]);
  // Awaited below; until then the cloud must exist so that afterAll can stop it.
  installing.catch(() => {});
  running = await startTestCloud(join(folder, "log"));
  project = await installing;
  // This test does not need the events of thousands of agents.
  await running.driver.stop();
  client = new DynamoDBClient(clientConfig(running.cloud));
  await fill(client, running.cloud.tableName, AGENTS);
  writeSources();
  compilerOutput = await project.run(join(binFolder, "tsc"));
});

afterAll(async () => {
  await running.stop();
  project.remove();
  rmSync(folder, { recursive: true, force: true });
});

describe("a project with the packed package installed", () => {
  it("has no dependency that it does not use", async () => {
    const installed = await project.run("npm", "ls", "--all", "--parseable");

    expect(installed).toContain("node_modules/agent-availability-hub");
    expect(installed).not.toMatch(
      /middy|zod|powertools|aws-cdk|constructs|secrets-manager|eventbridge|standardwebhooks/,
    );
  });

  it("compiles with nodenext and bundler resolution in strict mode, declarations included", async () => {
    expect(compilerOutput).toBe("");
    expect(await project.run(join(binFolder, "tsc"), "-p", "tsconfig.bundler.json")).toBe("");
  });
});

describe("the examples, against a stage with thousands of agents", () => {
  let typescript: Results;

  beforeAll(async () => {
    typescript = parseResults(
      await run(process.execPath, [join(project.folder, "lookups.js"), ...exampleArguments]),
    );
  });

  it("TypeScript returns every result", () => {
    const { available } = certainAgents(AGENTS);

    const { available: listed, ...results } = typescript;
    expect(results).toEqual({
      "by user ID": expect.objectContaining({
        ...LOGGED_OUT_PERSON,
        name: "Agent 7",
        loggedIn: false,
        loginSince: "2026-11-22T09:01:00.000Z",
      }),
      "by availability ID": agent5,
      "by email": [agent5],
      "by agent ID": [agent5],
      several: { agents: [agent5], missing: ["404"] },
      next: ["chat-0", "chat-3374", "chat-2334"],
      recent: [],
      "second page": [expect.stringMatching(/^a\d{5}$/), expect.stringMatching(/^a\d{5}$/)],
      all: AGENTS,
    });
    const isCertain = new Set(available);
    expect((listed as string[]).filter((id) => isCertain.has(id))).toEqual(available);
    expect(listed).toHaveLength(0.6 * AGENTS);
  });

  it("Python returns the same results", async () => {
    const python = parseResults(
      await run("python", [join(examples, "lookups.py"), ...exampleArguments]),
    );

    const forStore = new Set([
      "contentHash",
      "eventTimestamp",
      "webhookId",
      "origin",
      "freshchatAgentId",
      "freshchatAvailableSince",
      "freshchatUnavailableSince",
    ]);
    const agentIn = (item: Record<string, unknown>) => ({
      ...Object.fromEntries(Object.entries(item).filter(([name]) => !forStore.has(name))),
      since: {
        freshdesk: {},
        freshchat: {
          availableSince: item["freshchatAvailableSince"],
          unavailableSince: item["freshchatUnavailableSince"],
        },
        freshcaller: {},
      },
    });
    const agentsIn = (items: unknown) => (items as Record<string, unknown>[]).map(agentIn);
    const { missing: _missing, ...several } = typescript["several"] as Record<string, unknown>;
    expect({
      ...python,
      "by availability ID": agentsIn([python["by availability ID"]])[0],
      "by user ID": agentsIn([python["by user ID"]])[0],
      "by email": agentsIn(python["by email"]),
      "by agent ID": agentsIn(python["by agent ID"]),
      several: { agents: agentsIn((python["several"] as { agents: unknown }).agents) },
    }).toEqual({
      "by availability ID": typescript["by availability ID"],
      "by user ID": typescript["by user ID"],
      "by email": typescript["by email"],
      "by agent ID": typescript["by agent ID"],
      several,
      next: typescript["next"],
      available: typescript["available"],
      all: typescript["all"],
    });
  });

  it("the AWS CLI returns the same results for its lookups", async () => {
    const output = await run("bash", [join(examples, "lookups.sh"), ...exampleArguments]);

    expect(
      output
        .trim()
        .split("\n")
        .map((line) => line.split("\t")),
    ).toEqual([
      ["a00005", "Agent 5", "On break", "2026-11-22T09:00:00.000Z"],
      ["a00005"],
      ["a00005"],
      [`session:${LOGGED_OUT_PERSON.userId}`],
      ["a00005", "Agent 5"],
      ["chat-0", "2026-11-22T00:00:00.000Z"],
      expect.arrayContaining([expect.stringMatching(/^chat-/)]),
      expect.arrayContaining([expect.stringMatching(/^chat-/)]),
    ]);
  });
});

describe("the operator commands, against a stage with thousands of agents", () => {
  const agent = async (...args: readonly string[]) =>
    JSON.parse(
      await run(process.execPath, [
        join(root, "bin", "cli.mjs"),
        "agent",
        ...args,
        "--stage",
        "local",
        "--json",
      ]),
    ) as unknown;

  it("show an agent by email address and by channel agent ID", async () => {
    const found = { stage: "local", accountId: CROWDED_ACCOUNT, agents: [agent5] };

    expect(await agent("show", CROWDED_ACCOUNT, "Agent5@ACME.com")).toEqual(found);
    expect(await agent("show", CROWDED_ACCOUNT, "chat-5")).toEqual(found);
  });

  it("list available agents with names, and state that there are more", async () => {
    expect(await agent("list", CROWDED_ACCOUNT, "--channel", "freshchat", "--limit", "1")).toEqual({
      stage: "local",
      accountId: CROWDED_ACCOUNT,
      channel: "freshchat",
      agents: [
        {
          accountId: CROWDED_ACCOUNT,
          availabilityId: "a00000",
          channel: "freshchat",
          agentId: "chat-0",
          availableSince: "2026-11-22T00:00:00.000Z",
          name: "Agent 0",
          email: "agent0@acme.com",
        },
      ],
      more: true,
    });
  });
});

/** Bundles a program of the project into one self-contained file outside the project. */
async function bundleProgram(name: string): Promise<string> {
  const outfile = join(folder, `${name}.mjs`);
  await build({
    entryPoints: [join(project.folder, `${name}.ts`)],
    outfile,
    bundle: true,
    minify: true,
    platform: "node",
    logLevel: "error",
    format: "esm",
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
  });
  return outfile;
}

it("a bundle that finds a stage by name names the missing package, and works with readParameter", async () => {
  project.write(
    "stage.ts",
    `import { createAgentLookup } from "agent-availability-hub/lookups";
     const [tableName = "", account = ""] = process.argv.slice(2);
     const { message } = await createAgentLookup({ stage: "local" })
       .byAvailabilityId(account, "a00005")
       .catch((error) => error);
     const lookup = createAgentLookup({ stage: "local", readParameter: async () => tableName });
     const agent = await lookup.byAvailabilityId(account, "a00005");
     console.log(JSON.stringify({ lookup: "agent", result: { message, name: agent?.name } }));`,
  );

  const outfile = await bundleProgram("stage");

  expect(
    parseResults(await run(process.execPath, [outfile, running.cloud.tableName, CROWDED_ACCOUNT])),
  ).toEqual({
    agent: {
      message:
        "@aws-sdk/client-ssm could not be loaded. It is required to find a stage by name. Deploy it with your code (bundlers do not include it), or pass readParameter or tableName.",
      name: "Agent 5",
    },
  });
});

it("the packed reader reports a stage that is not deployed", async () => {
  const [, ...rest] = exampleArguments;

  await expect(
    run(process.execPath, [join(project.folder, "lookups.js"), "nowhere", ...rest]),
  ).rejects.toThrow(
    'stage "nowhere" is not deployed in this AWS account and region: SSM parameter /agent-availability/nowhere/table-name does not exist',
  );
});

it("a bundle lists exactly the available agents, in order and once, while agents change", async () => {
  project.write(
    "watch.ts",
    `import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
     import { createAgentLookup } from "agent-availability-hub/lookups";
     const [tableName = "", account = ""] = process.argv.slice(2);
     const lookup = createAgentLookup({ tableName, client: new DynamoDBClient({}) });
     for (let round = 0; round < 5; round += 1) {
       const rows = [];
       for await (const row of lookup.availableOn(account, "freshchat")) rows.push(row);
       console.log(JSON.stringify({ lookup: String(round), result: rows }));
     }`,
  );
  const outfile = await bundleProgram("watch");
  const { available, unavailable } = certainAgents(AGENTS);
  const flipping = startFlipping(client, running.cloud.tableName, AGENTS);

  let rounds: Results;
  try {
    rounds = parseResults(
      await run(process.execPath, [outfile, running.cloud.tableName, CROWDED_ACCOUNT]),
    );
  } finally {
    await flipping.stop();
  }

  expect(Object.keys(rounds)).toHaveLength(5);
  expect(flipping.flips()).toBeGreaterThan(50);
  const isCertain = new Set(available);
  for (const result of Object.values(rounds)) {
    const rows = result as { availabilityId: string; availableSince: string }[];
    const ids = rows.map(({ availabilityId }) => availabilityId);
    const times = rows.map(({ availableSince }) => availableSince);
    expect(ids.filter((id) => isCertain.has(id))).toEqual(available);
    expect(ids.filter((id) => unavailable.includes(id))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
    expect(times).toEqual(times.toSorted());
  }
});
