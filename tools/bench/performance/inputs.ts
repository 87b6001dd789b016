import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { anImage, anOutboxRecord } from "../../fakes/outbox-record.ts";
import { aPayload } from "../../fakes/payload.ts";
import { aRequest } from "../../fakes/request.ts";

/**
 * Creates a key and a certificate for 127.0.0.1 that are valid for a day, in one file.
 *
 * @throws Error if `openssl` is not installed or fails.
 */
export function createCertificate(folder: string): string {
  const pem = join(folder, "stub.pem");
  const files = ["-keyout", `${pem}.key`, "-out", `${pem}.crt`];
  const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
  const kind = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"];
  try {
    execFileSync("openssl", [...kind, ...files, ...subject], { stdio: "pipe" });
  } catch (error) {
    throw new Error("openssl could not create a certificate. Check that it is installed.", {
      cause: error,
    });
  }
  writeFileSync(pem, `${readFileSync(`${pem}.key`, "utf8")}${readFileSync(`${pem}.crt`, "utf8")}`);
  return pem;
}

const version = (number: number) => anImage({ version: { N: String(number) } });

/** Returns a batch of stream records, each of a different agent and with one event. */
function batchOf(size: number): object {
  const records = Array.from({ length: size }, (_, index) =>
    anOutboxRecord({
      agent: String(index + 1),
      before: version(1),
      after: version(2),
      sequence: String(index + 1),
    }),
  );
  return { Records: records };
}

/** Files with the events that the functions are called with. */
export interface Inputs {
  /** Writes a request that is signed now, and so valid for five minutes. */
  readonly request: () => string;
  readonly tenRecords: string;
  readonly hundredRecords: string;
}

/** Writes the events that the functions are called with. */
export function writeInputs(folder: string): Inputs {
  const write = (name: string, value: object) => {
    const file = join(folder, `${name}.json`);
    writeFileSync(file, JSON.stringify(value));
    return file;
  };
  return {
    request: () => write("request", aRequest(aPayload())),
    tenRecords: write("ten-records", batchOf(10)),
    hundredRecords: write("hundred-records", batchOf(100)),
  };
}
