import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

import {
  formatSecret,
  parseSecret,
  type SigningKeysSecret,
} from "../../functions/signing-keys/secret.ts";
import { createVersionedSecret } from "../shared/versioned-secret.ts";

/** The secret with a stage's signing keys. */
export interface KeysOfStage {
  readonly secrets: SecretsManagerClient;
  readonly secretId: string;
  readonly stage: string;
}

/** Returns the secret with a stage's signing keys. */
export const secretOf = ({ secrets, secretId }: KeysOfStage) =>
  createVersionedSecret<SigningKeysSecret>(secrets, secretId, {
    name: "signing keys",
    parse: parseSecret,
    format: formatSecret,
    empty: {},
  });
