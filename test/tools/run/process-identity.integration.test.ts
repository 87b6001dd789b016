import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

import { describe, expect, it } from "@jest/globals";

import { eventually } from "../../builders/eventually.ts";
import { identityOf } from "../../../tools/run/process-identity.ts";

describe("the identity of a process", () => {
  it("stays the same while it runs", async () => {
    const before = identityOf(process.pid);

    await sleep(30);
    const after = identityOf(process.pid);

    expect(before).toMatch(new RegExp(`^${process.pid} .+`));
    expect(after).toBe(before);
  });

  it("differs by start time, not only by ID", async () => {
    const earlier = spawn("sleep", ["600"]);
    await sleep(1100);
    const later = spawn("sleep", ["600"]);

    const [first, second] = [identityOf(earlier.pid ?? 0), identityOf(later.pid ?? 0)];

    expect(first?.split(" ").slice(1)).not.toEqual(second?.split(" ").slice(1));
    earlier.kill();
    later.kill();
  });

  it("is undefined if the process is not running", async () => {
    const child = spawn("true");
    await once(child, "exit");

    expect(identityOf(child.pid ?? 0)).toBeUndefined();
  });

  it("is undefined for a zombie process", async () => {
    const parent = spawn("sh", ["-c", "sleep 0 & echo $!; exec sleep 600"]);
    const [pid] = (await once(parent.stdout, "data")) as [Buffer];

    const isGone = () => identityOf(Number(pid.toString())) === undefined;
    expect(await eventually("the identity to be undefined", isGone)).toBe(true);
    parent.kill();
  });
});
