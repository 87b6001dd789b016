import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import * as z from "zod";

import { clientConfig } from "../../../local/emulator/cloud.ts";
import { failing } from "../fault-proxy/faults.ts";
import { randomHistory } from "../history.ts";
import type { Run, Scenario } from "../scenario.ts";
import { attempt } from "../sender.ts";

const secretSchema = z.record(z.string(), z.object({ keys: z.array(z.string()) }));

/** Puts a new key before the account's old one, straight into the secret. @returns the new key. */
async function rotate({ stand, account }: Run): Promise<string> {
  const secrets = new SecretsManagerClient(clientConfig(stand.cloud));
  const SecretId = stand.secretId;
  const { SecretString: text = "{}" } = await secrets.send(new GetSecretValueCommand({ SecretId }));
  const keys = secretSchema.parse(JSON.parse(text));
  const key = `whsec_${randomBytes(32).toString("base64")}`;
  keys[account.accountId] = { keys: [key, account.signingKey] };
  await secrets.send(new PutSecretValueCommand({ SecretId, SecretString: JSON.stringify(keys) }));
  return key;
}

/** How one delivery, signed with a key, is answered. */
async function statusWith(run: Run, signingKey: string, prefix: string): Promise<number> {
  const { stand, account, chance } = run;
  const { accountId } = account;
  const deliveries = randomHistory(
    { accountId, agents: 1, changes: 1, prefix, repeated: 0 },
    chance,
  );
  const [delivery] = deliveries;
  if (delivery === undefined) {
    return 0;
  }
  const sender = {
    ingestUrl: stand.cloud.ingestUrl,
    accountId,
    signingKey: () => signingKey,
    now: stand.now,
  };
  // It may be applied: the run sends it again, and has to know of it.
  const { status } = await attempt(sender, delivery);
  await run.deliver([delivery]);
  return status;
}

function must(what: string, is: unknown, wanted: unknown): void {
  if (is !== wanted) {
    throw new Error(`${what}: ${String(is)}, and must be ${String(wanted)}`);
  }
}

const SECOND = 1000;

/** What the keys' store does wrong. */
export const keysScenarios: readonly Scenario[] = [
  {
    name: "keys-cold",
    title: "keys' store fails when functions start cold",
    short: true,
    run: async (run) => {
      const { stand } = run;
      await run.send({ prefix: "before", agents: 2 });
      const fault = run.fault({ service: "secretsmanager", act: failing });
      run.happened("cold starts", stand.ingest.signal("SIGKILL"));
      const sending = run.send();
      await sleep(4 * SECOND);
      fault.end();
      run.mended();
      await sending;
    },
  },
  {
    name: "keys-rotated",
    title: "keys' store fails during a rotation (simulated clock)",
    run: async (run) => {
      const { stand, account } = run;
      await run.send({ prefix: "before" });
      const fault = run.fault({ service: "secretsmanager", act: failing });
      const key = await rotate(run);
      stand.setClockAhead(60 * SECOND);
      await sleep(50);
      must("the old key, from a copy", await statusWith(run, account.signingKey, "old"), 200);
      const unseen = stand.ingest.workers();
      run.happened("workers that keep the old copy", unseen.length);
      fault.end();
      run.mended();
      stand.setClockAhead(120 * SECOND);
      run.signingKey = key;
      await run.send({ prefix: "after" });
    },
  },
  {
    name: "keys-gone-long",
    title: "keys' store down for longer than a copy serves (simulated clock)",
    run: async (run) => {
      const { stand, account } = run;
      // Their copies may be from a scenario whose clock ran ahead of this one's.
      stand.ingest.signal("SIGKILL");
      await run.send({ prefix: "before" });
      const fault = run.fault({ service: "secretsmanager", act: failing });
      stand.setClockAhead(4 * 60 * SECOND);
      await sleep(50);
      must("within 5 minutes", await statusWith(run, account.signingKey, "within"), 200);
      stand.setClockAhead(6 * 60 * SECOND);
      const sending = run.send({ prefix: "beyond" });
      await sleep(4 * SECOND);
      const attempts = run.deliveries.flatMap((delivery) => delivery.attempts);
      run.happened("503 beyond it", attempts.filter(({ status }) => status === 503).length);
      fault.end();
      run.mended();
      await sending;
    },
  },
];
