import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync, chmodSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

import { startEmulator } from "../../../local/emulator/emulator.ts";
import { LocalError } from "../../../tools/run/local-error.ts";

let work = "";

beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), "emulator-test-"));
});

afterEach(() => {
  rmSync(work, { recursive: true, force: true });
});

function optionsOf(script: string) {
  const python = join(work, "python");
  writeFileSync(python, `#!/bin/sh\n${script}\n`);
  chmodSync(python, 0o755);
  return { python, runFolder: join(work, "run"), logFile: join(work, "log") };
}

describe("the emulator", () => {
  it("is not started on a port that is in use, and the error contains the next step", async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, "127.0.0.1", () => {
        resolve((server.address() as { port: number }).port);
      });
    });

    const starting = startEmulator({ ...optionsOf("touch started"), port });

    await expect(starting).rejects.toThrow(`Port ${port} cannot be used: listen EADDRINUSE`);
    await expect(starting).rejects.toThrow(
      "Set LOCAL_CLOUD_PORT to another port, or unset it to use a free one.",
    );
    expect(existsSync(join(work, "run", "started"))).toBe(false);
    server.close();
  });

  it("is reported with its log if it exits immediately", async () => {
    const options = optionsOf("echo broken; exit 1");

    const error: unknown = await startEmulator(options).catch((reason: unknown) => reason);

    expect(error).toEqual(
      new LocalError(
        `The emulator did not start. Its output is at the end of ${options.logFile}. Fix the cause and try again.`,
      ),
    );
    expect(readFileSync(options.logFile, "utf8")).toBe("broken\n");
  });

  it("receives no variable of the developer's environment", async () => {
    process.env["AWS_PROFILE"] = "production";
    const options = optionsOf("env");

    await startEmulator(options).catch(() => undefined);

    const log = readFileSync(options.logFile, "utf8");
    expect(log).toContain("BIND_HOST=127.0.0.1");
    expect(log).not.toContain("production");
    delete process.env["AWS_PROFILE"];
  });
});
