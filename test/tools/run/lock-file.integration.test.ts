import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

import { lock, lockHolderOf, tryLock } from "../../../tools/run/lock-file.ts";
import { identityOf } from "../../../tools/run/process-identity.ts";

let folder = "";
let file = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lock-test-"));
  file = join(folder, "local", "pid");
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe("a lock file", () => {
  it("names the process that holds it", () => {
    const release = tryLock(file);

    expect(release).toBeDefined();
    expect(lockHolderOf(file)).toBe(process.pid);
  });

  it("cannot be acquired while a process holds it", () => {
    tryLock(file);

    const second = tryLock(file);

    expect(second).toBeUndefined();
    expect(lockHolderOf(file)).toBe(process.pid);
  });

  it("is free once it is released, and leaves no file", () => {
    const release = tryLock(file);

    release?.();

    expect(lockHolderOf(file)).toBeUndefined();
    expect(readdirSync(join(folder, "local"))).toEqual([]);
  });

  it("is free if its holder ended without releasing it", async () => {
    const other = spawn("sleep", ["60"]);
    tryLock(file)?.();
    writeFileSync(file, identityOf(other.pid ?? 0) ?? "");
    const before = lockHolderOf(file);
    other.kill("SIGKILL");
    await once(other, "exit");

    const release = tryLock(file);

    expect(before).toBe(other.pid);
    expect(release).toBeDefined();
    expect(lockHolderOf(file)).toBe(process.pid);
    expect(readdirSync(join(folder, "local"))).toEqual(["pid"]);
  });

  it("is free if its holder ended and another process has the same ID", () => {
    tryLock(file)?.();
    writeFileSync(file, `${process.pid} 1`);

    const holder = lockHolderOf(file);

    expect(holder).toBeUndefined();
    expect(tryLock(file)).toBeDefined();
  });

  it("is free if its content is not readable", () => {
    tryLock(file)?.();
    writeFileSync(file, "");

    expect(lockHolderOf(file)).toBeUndefined();
    expect(tryLock(file)).toBeDefined();
  });

  it("can be waited for", async () => {
    const release = tryLock(file);
    const waiting = lock(file);

    release?.();
    const second = await waiting;

    expect(lockHolderOf(file)).toBe(process.pid);
    second();
    expect(lockHolderOf(file)).toBeUndefined();
  });

  it("is not waited for once the signal aborts", async () => {
    tryLock(file);

    await expect(lock(file, AbortSignal.abort())).rejects.toThrow("aborted");
  });
});
