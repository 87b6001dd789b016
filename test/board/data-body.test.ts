import { describe, expect, it } from "@jest/globals";

import { dataBody, shareReadings } from "../../functions/board/data-body.ts";

describe("the body of a response", () => {
  it("has the SHA-256 hash of its text as the ETag", () => {
    expect(dataBody({})).toEqual({
      body: "{}",
      etag: '"RBNvo1WzZ4oRRq0W9-hknpT7T8If536DEMBg9hyq_4o"',
    });
  });
});

describe("a shared reading", () => {
  const clock = { now: 0 };

  /** A reader of a table that cannot be read while `failing` is true, and counts its readings. */
  function aReader() {
    const table = { readings: 0, failing: false };
    const read = shareReadings(
      async (accountId) => {
        table.readings += 1;
        if (table.failing) {
          throw new Error("the table is unavailable");
        }
        return await Promise.resolve(dataBody({ accountId, reading: table.readings }));
      },
      1000,
      () => clock.now,
    );
    return { table, read };
  }

  it("serves an account until it is as old as the maximum age", async () => {
    const { read } = aReader();
    clock.now = 5000;
    const first = await read("42");
    clock.now = 5999;

    expect(await read("42")).toBe(first);
    clock.now = 6000;
    expect((await read("42")).body).toBe('{"accountId":"42","reading":2}');
  });

  it("is not served to viewers of another account", async () => {
    const { read } = aReader();
    await read("42");

    expect((await read("43")).body).toBe('{"accountId":"43","reading":2}');
  });

  it("is not kept if it failed, so that the next request reads again", async () => {
    const { table, read } = aReader();
    table.failing = true;
    await expect(read("42")).rejects.toThrow("the table is unavailable");
    table.failing = false;

    expect((await read("42")).body).toBe('{"accountId":"42","reading":2}');
  });
});
