import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

import { claim, claimantOf } from "../../../tools/run/lock-file.ts";
import { identityOf } from "../../../tools/run/process-identity.ts";

let folder = "";
let file = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "claim-test-"));
  file = join(folder, "local", "pid");
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe("a claim", () => {
  it("names the process that has it", () => {
    const release = claim(file);

    expect(release).toBeDefined();
    expect(claimantOf(file)).toBe(process.pid);
  });

  it("is refused while a process has it", () => {
    claim(file);

    const second = claim(file);

    expect(second).toBeUndefined();
    expect(claimantOf(file)).toBe(process.pid);
  });

  it("is free again when it was given back, and leaves no file", () => {
    const release = claim(file);

    release?.();

    expect(claimantOf(file)).toBeUndefined();
    expect(readdirSync(join(folder, "local"))).toEqual([]);
  });

  it("of a process that ended without giving it back is free", async () => {
    const other = spawn("sleep", ["60"]);
    claim(file)?.();
    writeFileSync(file, identityOf(other.pid ?? 0) ?? "");
    const before = claimantOf(file);
    other.kill("SIGKILL");
    await once(other, "exit");

    const mine = claim(file);

    expect(before).toBe(other.pid);
    expect(mine).toBeDefined();
    expect(claimantOf(file)).toBe(process.pid);
    expect(readdirSync(join(folder, "local"))).toEqual(["pid"]);
  });

  it("of an earlier process is not taken for that of a later one with the same number", () => {
    claim(file)?.();
    writeFileSync(file, `${process.pid} 1`);

    const claimant = claimantOf(file);

    expect(claimant).toBeUndefined();
    expect(claim(file)).toBeDefined();
  });

  it("that cannot be read is nobody's", () => {
    claim(file)?.();
    writeFileSync(file, "");

    expect(claimantOf(file)).toBeUndefined();
    expect(claim(file)).toBeDefined();
  });
});
