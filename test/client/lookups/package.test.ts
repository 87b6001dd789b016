import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { build } from "esbuild";

import { checksPrograms } from "../../../tools/checks/python.ts";
import { clientConfig } from "../../../local/cloud.ts";
import { type RunningCloud, startCloud } from "../../../local/emulator/cloud-process.ts";
import { runCommand } from "../../../tools/run/command.ts";
import { binFolder, root } from "../../../tools/run/paths.ts";
import { certain, CROWDED, fill, flip } from "../../builders/many-agents.ts";
import { aProject, type Project } from "../../builders/packed-project.ts";

const AGENTS = 10_000;
const folder = mkdtempSync(join(tmpdir(), "lookups-"));
const examples = join(root, "examples", "lookups");
/** Stage, account, availability id, e-mail address, agent id: what each example is given. */
const asked = ["local", CROWDED, "a00005", "Agent5@ACME.com", "chat-5"];

let running: RunningCloud;
let client: DynamoDBClient;
let project: Project;

/** Runs a program with nothing but the way to the local cloud. */
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

type Answers = Record<string, unknown>;

/** What an example printed, a line of JSON for each question. */
function answersIn(output: string): Answers {
  const lines = output.split("\n").filter((line) => line.startsWith("{"));
  const answers = lines.map((line) => JSON.parse(line) as { question: string; answer: unknown });
  return Object.fromEntries(answers.map(({ question, answer }) => [question, answer]));
}

const agent5 = {
  accountId: CROWDED,
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

beforeAll(async () => {
  const installing = aProject(["@aws-sdk/client-dynamodb", "@aws-sdk/client-ssm", "@types/node"]);
  // Told below; until then the cloud has to be there to be ended.
  installing.catch(() => {});
  running = await startCloud({ logFile: join(folder, "log") });
  project = await installing;
  // Publishing ten thousand agents is not what this is about.
  await running.driver.stop();
  client = new DynamoDBClient(clientConfig(running.cloud));
  await fill(client, running.cloud.tableName, AGENTS);
}, 300_000);

afterAll(async () => {
  await running.stop();
  project.remove();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

const compilerOptions = { target: "es2022", lib: ["es2023"], types: ["node"], strict: true };
const strictest = { exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true };

describe("a project of somebody else, with the packed package installed", () => {
  it("has nothing of ours but what it uses", async () => {
    const installed = await project.run("npm", "ls", "--all", "--parseable");

    expect(installed).toContain("node_modules/agent-availability-hub");
    expect(installed).not.toMatch(
      /middy|zod|powertools|aws-cdk|constructs|secrets-manager|eventbridge|standardwebhooks/,
    );
  });

  it("typechecks as nodenext and as bundler, strict and with the declarations themselves checked", async () => {
    project.write("lookups.ts", readFileSync(join(examples, "lookups.ts"), "utf8"));
    project.write(
      "wrong.ts",
      `import { createAgentLookup, type Agent } from "agent-availability-hub/lookups";
       const lookup = createAgentLookup({ tableName: "agents" });
       // @ts-expect-error -- neither a table nor a stage
       createAgentLookup({});
       // @ts-expect-error -- an index cannot be read consistently
       lookup.availableOn("1", "freshchat", { consistent: true });
       // @ts-expect-error -- nobody is undefined
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

    expect(await project.run(join(binFolder, "tsc"))).toBe("");
    expect(await project.run(join(binFolder, "tsc"), "-p", "tsconfig.bundler.json")).toBe("");
  }, 60_000);
});

describe("the examples, against a stage with ten thousand agents", () => {
  let typescript: Answers;

  it("TypeScript: answers every question", async () => {
    const { available } = certain(AGENTS);

    typescript = answersIn(
      await run(process.execPath, [join(project.folder, "lookups.js"), ...asked]),
    );

    const { available: waiting, ...answers } = typescript;
    expect(answers).toEqual({
      "by availability id": agent5,
      "by e-mail": [agent5],
      "by agent id": [agent5],
      several: { agents: [agent5], missing: ["404"] },
      next: ["chat-0", "chat-9614", "chat-8574"],
      "heard of": [],
      "second page": [expect.stringMatching(/^a\d{5}$/), expect.stringMatching(/^a\d{5}$/)],
      everybody: AGENTS,
    });
    const isCertain = new Set(available);
    expect((waiting as string[]).filter((id) => isCertain.has(id))).toEqual(available);
    expect(waiting).toHaveLength(6000);
  }, 60_000);

  it("Python: gives the same answers", async () => {
    const python = answersIn(await run("python", [join(examples, "lookups.py"), ...asked]));

    const forStore = new Set([
      "contentHash",
      "eventTimestamp",
      "webhookId",
      "origin",
      "freshchatAgentId",
      "freshchatAvailableSince",
    ]);
    const agentIn = (item: Record<string, unknown>) => ({
      ...Object.fromEntries(Object.entries(item).filter(([name]) => !forStore.has(name))),
      since: {
        freshdesk: {},
        freshchat: { availableSince: item["freshchatAvailableSince"] },
        freshcaller: {},
      },
    });
    const agentsIn = (items: unknown) => (items as Record<string, unknown>[]).map(agentIn);
    const { missing: _missing, ...several } = typescript["several"] as Record<string, unknown>;
    expect({
      ...python,
      "by availability id": agentsIn([python["by availability id"]])[0],
      "by e-mail": agentsIn(python["by e-mail"]),
      "by agent id": agentsIn(python["by agent id"]),
      several: { agents: agentsIn((python["several"] as { agents: unknown }).agents) },
    }).toEqual({
      "by availability id": typescript["by availability id"],
      "by e-mail": typescript["by e-mail"],
      "by agent id": typescript["by agent id"],
      several,
      next: typescript["next"],
      available: typescript["available"],
      everybody: typescript["everybody"],
    });
  }, 60_000);

  it("the AWS command line: gives the same answers, as far as it asks", async () => {
    const output = await run("bash", [join(examples, "lookups.sh"), ...asked]);

    expect(
      output
        .trim()
        .split("\n")
        .map((line) => line.split("\t")),
    ).toEqual([
      ["a00005", "Agent 5", "On break", "2026-11-22T09:00:00.000Z"],
      ["a00005"],
      ["a00005"],
      ["a00005", "Agent 5"],
      ["chat-0", "2026-11-22T00:00:00.000Z"],
      expect.arrayContaining([expect.stringMatching(/^chat-/)]),
      expect.arrayContaining([expect.stringMatching(/^chat-/)]),
    ]);
  }, 60_000);
});

describe("what operators run, against that stage", () => {
  const agent = async (...args: readonly string[]) =>
    JSON.parse(
      await run(process.execPath, [
        join(root, "commands", "agent.ts"),
        ...args,
        "--stage",
        "local",
        "--json",
      ]),
    ) as unknown;

  it("shows an agent by its e-mail address, and by its id in a channel", async () => {
    const found = { stage: "local", accountId: CROWDED, agents: [agent5] };

    expect(await agent("show", CROWDED, "Agent5@ACME.com")).toEqual(found);
    expect(await agent("show", CROWDED, "chat-5")).toEqual(found);
  }, 60_000);

  it("lists who is available, with names, and says that there are more", async () => {
    expect(await agent("list", CROWDED, "--channel", "freshchat", "--limit", "1")).toEqual({
      stage: "local",
      accountId: CROWDED,
      channel: "freshchat",
      agents: [
        {
          accountId: CROWDED,
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
  }, 60_000);
});

/** A program of the project as one file outside it, which has to hold all that it needs. */
async function bundled(name: string): Promise<string> {
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

it("a bundle that is to find a stage by its name says what it lacks, and works once it is given that", async () => {
  project.write(
    "stage.ts",
    `import { createAgentLookup } from "agent-availability-hub/lookups";
     const [tableName = "", account = ""] = process.argv.slice(2);
     const { message } = await createAgentLookup({ stage: "local" })
       .byAvailabilityId(account, "a00005")
       .catch((error) => error);
     const lookup = createAgentLookup({ stage: "local", readParameter: async () => tableName });
     const agent = await lookup.byAvailabilityId(account, "a00005");
     console.log(JSON.stringify({ question: "agent", answer: { message, name: agent?.name } }));`,
  );

  const outfile = await bundled("stage");

  expect(
    answersIn(await run(process.execPath, [outfile, running.cloud.tableName, CROWDED])),
  ).toEqual({
    agent: {
      message:
        "to find a stage by its name, @aws-sdk/client-ssm has to be installed beside the code that runs, for bundlers do not see it; install it there, or give readParameter or tableName",
      name: "Agent 5",
    },
  });
}, 60_000);

it("a stage that is not deployed is a sentence, told by the packed reader itself", async () => {
  const [, ...rest] = asked;

  await expect(
    run(process.execPath, [join(project.folder, "lookups.js"), "nowhere", ...rest]),
  ).rejects.toThrow(
    'stage "nowhere" is not deployed here: there is no SSM parameter /agent-availability/nowhere/table-name in this account and region',
  );
}, 60_000);

it("bundles, and then lists exactly who is available, in order and once, while changes go on underneath", async () => {
  project.write(
    "watch.ts",
    `import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
     import { createAgentLookup } from "agent-availability-hub/lookups";
     const [tableName = "", account = ""] = process.argv.slice(2);
     const lookup = createAgentLookup({ tableName, client: new DynamoDBClient({}) });
     for (let round = 0; round < 5; round += 1) {
       const rows = [];
       for await (const row of lookup.availableOn(account, "freshchat")) rows.push(row);
       console.log(JSON.stringify({ question: String(round), answer: rows }));
     }`,
  );
  const outfile = await bundled("watch");
  const { available, unavailable } = certain(AGENTS);
  const flipping = flip(client, running.cloud.tableName, AGENTS);

  let rounds: Answers;
  try {
    rounds = answersIn(await run(process.execPath, [outfile, running.cloud.tableName, CROWDED]));
  } finally {
    await flipping.stop();
  }

  expect(Object.keys(rounds)).toHaveLength(5);
  expect(flipping.flips()).toBeGreaterThan(50);
  const isCertain = new Set(available);
  for (const answer of Object.values(rounds)) {
    const rows = answer as { availabilityId: string; availableSince: string }[];
    const ids = rows.map(({ availabilityId }) => availabilityId);
    const times = rows.map(({ availableSince }) => availableSince);
    expect(ids.filter((id) => isCertain.has(id))).toEqual(available);
    expect(ids.filter((id) => unavailable.includes(id))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
    expect(times).toEqual(times.toSorted());
  }
}, 120_000);
