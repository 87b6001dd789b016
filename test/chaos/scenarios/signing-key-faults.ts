import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";

import { formatSecret, parseSecret } from "../../../functions/signing-keys/secret.ts";
import { clientConfig } from "../../../local/emulator/cloud.ts";
import { faultDuration, untilOccurred } from "../fault-duration.ts";
import { respondWith500 } from "../fault-proxy/fault-effects.ts";
import { randomHistory } from "../random-history.ts";
import type { Scenario, ScenarioContext } from "../scenario.ts";
import { attempt } from "../send-deliveries.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Period within which every function reads the new time of the simulated clock. */
const CLOCK_MS = 50;

/** Adds a new key to the secret, before the account's current key. @returns the new key. */
async function rotateKey({ environment, account }: ScenarioContext): Promise<string> {
  const { cloud, secretId: SecretId } = environment;
  const secrets = new SecretsManagerClient(clientConfig(cloud));
  const { SecretString: text = "" } = await secrets.send(new GetSecretValueCommand({ SecretId }));
  const keys = parseSecret(text);
  const key = `whsec_${randomBytes(32).toString("base64")}`;
  const rotated = { ...keys[account.accountId], keys: [key, account.signingKey] };
  const SecretString = formatSecret({ ...keys, [account.accountId]: rotated });
  await secrets.send(new PutSecretValueCommand({ SecretId, SecretString }));
  return key;
}

/** Sends one delivery with the account's first key and requires that it succeeds. */
async function requireAccepted(
  { environment, account, random, traffic }: ScenarioContext,
  situation: string,
  prefix: string,
): Promise<void> {
  const { accountId, signingKey } = account;
  const history = { accountId, agents: 1, changes: 1, prefix, repeatedShare: 0 };
  const target = {
    ingestUrl: environment.cloud.ingestUrl,
    accountId,
    signingKey: () => signingKey,
    now: environment.now,
  };
  for (const delivery of randomHistory(history, random)) {
    const { status } = await attempt(target, delivery);
    // The verifier needs to know of the delivery, since it may have been applied.
    await traffic.deliver([delivery]);
    if (status !== 200) {
      throw new Error(`the status of a delivery ${situation} must be 200 (got ${status})`);
    }
  }
}

/** Faults of Secrets Manager, which stores the signing keys. */
export const signingKeyFaults: readonly Scenario[] = [
  {
    name: "keys-cold-start",
    title: "Secrets Manager fails while functions start",
    short: true,
    run: async ({ environment, traffic, startFault, requireOccurred, faultEnded }) => {
      await traffic.send({ prefix: "before", agents: 2 });
      const fault = startFault({ service: "secretsmanager", effect: respondWith500 });
      requireOccurred("a cold start", environment.ingest.signal("SIGKILL"));
      const sending = traffic.send();
      await faultDuration(4, fault);
      fault.end();
      faultEnded();
      await sending;
    },
  },
  {
    name: "keys-rotation",
    title: "Secrets Manager fails during a rotation (simulated clock)",
    run: async (context) => {
      const { environment, traffic, startFault, requireOccurred, faultEnded } = context;
      await traffic.send({ prefix: "before" });
      const fault = startFault({ service: "secretsmanager", effect: respondWith500 });
      const key = await rotateKey(context);
      environment.setClockAhead(MINUTE);
      await sleep(CLOCK_MS);
      await requireAccepted(context, "with the previous key", "old");
      const withCopy = environment.ingest.processIds();
      requireOccurred("a function with a copy of the keys", withCopy.length);
      fault.end();
      faultEnded();
      environment.setClockAhead(2 * MINUTE);
      traffic.useSigningKey(key);
      await traffic.send({ prefix: "after" });
    },
  },
  {
    name: "keys-outage",
    title:
      "Secrets Manager fails for longer than ingest uses its copy of the keys (simulated clock)",
    run: async (context) => {
      const { environment, traffic, startFault, requireOccurred, faultEnded } = context;
      // Copies of an earlier scenario may be newer than this scenario's clock.
      environment.ingest.signal("SIGKILL");
      await traffic.send({ prefix: "before" });
      const fault = startFault({ service: "secretsmanager", effect: respondWith500 });
      environment.setClockAhead(4 * MINUTE);
      await sleep(CLOCK_MS);
      await requireAccepted(context, "4 minutes into the outage", "within");
      environment.setClockAhead(6 * MINUTE);
      const sending = traffic.send({ prefix: "beyond" });
      await sleep(4 * SECOND);
      const isUnavailable = () =>
        traffic.deliveries.some(({ attempts }) => attempts.some(({ status }) => status === 503));
      await untilOccurred(isUnavailable);
      requireOccurred("a 503 response after 5 minutes", isUnavailable() ? 1 : 0);
      fault.end();
      faultEnded();
      await sending;
    },
  },
];
