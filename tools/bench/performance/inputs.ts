import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { anImage, anOutboxRecord } from "../../fakes/outbox-record.ts";
import { aPayload } from "../../fakes/payload.ts";
import { aRequest } from "../../fakes/request.ts";

/** Creates a key and a certificate for 127.0.0.1 that are valid for a day, in one file, with `openssl`. */
export function createCertificate(folder: string): string {
  const pem = join(folder, "stub.pem");
  const files = ["-keyout", `${pem}.key`, "-out", `${pem}.crt`];
  const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
  const kind = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"];
  execFileSync("openssl", [...kind, ...files, ...subject], { stdio: "pipe" });
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

/**
 * Writes the events that the functions are called with.
 *
 * @returns the files. `request` writes a request that is signed now and is therefore valid for five minutes.
 */
export function writeInputs(folder: string) {
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
