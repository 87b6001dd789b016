import { randomUUID } from "node:crypto";

import {
  GetSecretValueCommand,
  type GetSecretValueCommandInput,
  InvalidParameterException,
  PutSecretValueCommand,
  type PutSecretValueCommandInput,
  ResourceExistsException,
  ResourceNotFoundException,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
  type UpdateSecretVersionStageCommandInput,
} from "@aws-sdk/client-secrets-manager";
import { mockClient } from "aws-sdk-client-mock";

import { aSecretText } from "../../../tools/fakes/signing-keys.ts";

const $metadata = {};

type Step = "put" | "move";

/** A secret with versions and version labels, like those of Secrets Manager. */
export interface SecretInMemory {
  /** Returns the keys in the current version by account ID; `undefined` before the first version. */
  readonly current: () => Keys | undefined;
  /** Runs a concurrent operation once, before the next call that puts a value or moves a label. */
  readonly beforeNext: (step: Step, interruption: () => Promise<void>) => void;
  /** Loses the response of the next call that moves a label, and runs a concurrent operation before its retry. */
  readonly loseNextMove: (meanwhile?: () => Promise<void>) => void;
  /** Makes a new version the current one, as a concurrent command would. */
  readonly become: (value: Keys) => Promise<void>;
}

/** Account ID to its keys, the current one first. */
type Keys = Readonly<Record<string, readonly string[]>>;

function keysIn(text: string): Keys {
  const secret = JSON.parse(text) as Record<string, { readonly keys: readonly string[] }>;
  return Object.fromEntries(Object.entries(secret).map(([id, account]) => [id, account.keys]));
}

/** Mocks Secrets Manager for this one secret, with the rules in the service's documentation. */
export function aSecretInMemory(arn: string, value?: Keys): SecretInMemory {
  const texts = new Map<string, string>();
  const labels = new Map<string, string>();
  const interruptions = new Map<Step, () => Promise<void>>();

  const put = (id: string, text: string, stages: readonly string[]) => {
    const known = texts.get(id);
    if (known !== undefined && known !== text) {
      throw new ResourceExistsException({ $metadata, message: "another value under this token" });
    }
    // A repeated put of the same value is ignored, and moves no label.
    if (known === undefined) {
      texts.set(id, text);
      for (const stage of stages) {
        labels.set(stage, id);
      }
    }
  };
  const makeCurrent = (next: Keys) => {
    put(randomUUID(), aSecretText(next), ["AWSCURRENT"]);
  };
  if (value !== undefined) {
    makeCurrent(value);
  }

  const interrupted = async (step: Step) => {
    const interruption = interruptions.get(step);
    interruptions.delete(step);
    await interruption?.();
  };
  let lost: (() => Promise<void>) | undefined;
  const requireArn = (id: string | undefined) => {
    if (id !== arn) {
      throw new ResourceNotFoundException({ $metadata, message: `there is no secret ${id ?? ""}` });
    }
  };

  const secrets = mockClient(SecretsManagerClient);
  secrets
    .on(GetSecretValueCommand)
    .callsFake(({ SecretId: secretId }: GetSecretValueCommandInput) => {
      requireArn(secretId);
      const id = labels.get("AWSCURRENT");
      if (id === undefined) {
        throw new ResourceNotFoundException({ $metadata, message: "no value for AWSCURRENT" });
      }
      return { VersionId: id, SecretString: texts.get(id) };
    });
  secrets.on(PutSecretValueCommand).callsFake(async (input: PutSecretValueCommandInput) => {
    const { SecretString: text = "", VersionStages: stages = ["AWSCURRENT"] } = input;
    requireArn(input.SecretId);
    await interrupted("put");
    const id = input.ClientRequestToken ?? randomUUID();
    if (id.length < 32 || id.length > 64) {
      throw new InvalidParameterException({
        $metadata,
        message: "a token has 32 to 64 characters",
      });
    }
    put(id, text, stages);
    return { VersionId: id };
  });
  secrets
    .on(UpdateSecretVersionStageCommand)
    .callsFake(async (input: UpdateSecretVersionStageCommandInput) => {
      const { VersionStage: stage = "", MoveToVersionId: to = "" } = input;
      requireArn(input.SecretId);
      await interrupted("move");
      const move = () => {
        if (labels.get(stage) !== input.RemoveFromVersionId) {
          throw new InvalidParameterException({ $metadata, message: "the label is elsewhere" });
        }
        labels.set(stage, to);
      };
      move();
      const meanwhile = lost;
      lost = undefined;
      if (meanwhile !== undefined) {
        await meanwhile();
        move();
      }
      return {};
    });

  return {
    current: () => {
      const id = labels.get("AWSCURRENT");
      return id === undefined ? undefined : keysIn(texts.get(id) ?? "");
    },
    beforeNext: (step, interruption) => {
      interruptions.set(step, interruption);
    },
    loseNextMove: (meanwhile = () => Promise.resolve()) => {
      lost = meanwhile;
    },
    become: (next) => Promise.resolve(makeCurrent(next)),
  };
}
