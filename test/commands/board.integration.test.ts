import { afterAll, describe, expect, it } from "@jest/globals";
import { stop as stopEsbuild } from "esbuild";

import { anItem } from "../builders/item.ts";
import { startCommand, withServices } from "./run-command.ts";

afterAll(async () => {
  await stopEsbuild();
});

const services = {
  GetParametersByPath: () => ({
    Parameters: ["table-name", "signing-keys-secret-arn", "history-table-name"].map((name) => ({
      Name: `/agent-availability/blue/${name}`,
      Value: name,
    })),
  }),
  GetSecretValue: () => ({
    VersionId: "1",
    SecretString: JSON.stringify({
      "11010177632": { keys: ["whsec_b2xkLW9sZC1vbGQtb2xkLW9sZC1vbGQt"] },
    }),
  }),
  Query: () => ({ Items: [anItem()] }),
};

const isUrl = (text: string) => /http:\/\/127\.0\.0\.1:\d+\//.exec(text)?.[0];

describe("board", () => {
  it("serves the page and the agents of every account until Ctrl-C", async () => {
    await withServices(services, async (endpoint) => {
      const command = startCommand(["board", "--stage", "blue"], { AWS_ENDPOINT_URL: endpoint });
      const url = await command.printed(isUrl);

      const page = await fetch(url);
      const config = await fetch(`${url}config.json`);
      const agents = await fetch(`${url}v1/accounts/11010177632/agents`);
      const unchanged = await fetch(`${url}v1/accounts/11010177632/agents`, {
        headers: { "if-none-match": agents.headers.get("etag") ?? "" },
      });
      const unknown = await fetch(`${url}v1/accounts/1/agents`);
      const written = await fetch(`${url}v1/accounts/11010177632/agents`, { method: "POST" });

      expect(await page.text()).toContain("<title>Agent availability</title>");
      expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
      expect(await config.json()).toEqual({
        stage: "blue",
        accountIds: ["11010177632"],
        history: true,
      });
      expect(await agents.json()).toMatchObject({
        accountId: "11010177632",
        agents: [{ id: "787096", name: "Rachel", status: { name: "On break" } }],
      });
      expect([unchanged, unknown, written].map(({ status }) => status)).toEqual([304, 404, 405]);

      command.signal("SIGINT");
      expect(await command.ended).toMatchObject({ err: "", code: 0 });
      await expect(fetch(url)).rejects.toThrow("fetch failed");
    });
  });

  it("responds with 503 and prints the reason if the table cannot be read", async () => {
    const { Query: _query, ...denied } = services;
    await withServices(denied, async (endpoint) => {
      const command = startCommand(["board", "--stage", "blue"], { AWS_ENDPOINT_URL: endpoint });
      const url = await command.printed(isUrl);

      const agents = await fetch(`${url}v1/accounts/11010177632/agents`);

      expect(agents.status).toBe(503);
      command.signal("SIGINT");
      expect((await command.ended).err).toMatch(
        /^The board could not read the tables: the lookup is not permitted: no Query for you\. .* Once the cause is fixed, the page updates automatically\.$/m,
      );
    });
  });
});
