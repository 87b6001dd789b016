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

const $metadata = {};

/** A secret as Secrets Manager keeps it: its versions, and the labels that say which is which. */
export interface SecretInMemory {
  /** What the current version holds; nothing before there is one. */
  readonly current: () => unknown;
  /** Runs once, before the next label is moved: what somebody else does at the same time. */
  readonly beforeNextMove: (interruption: () => void) => void;
  /** Makes a version the current one, as somebody else's command would. */
  readonly become: (value: unknown) => void;
}

/** Answers the calls of every client of Secrets Manager, for this one secret, with the rules of its documentation. */
export function aSecretInMemory(arn: string, value?: unknown): SecretInMemory {
  const texts = new Map<string, string>();
  const labels = new Map<string, string>();
  let interruption: (() => void) | undefined;

  const put = (id: string, text: string, stages: readonly string[]) => {
    const known = texts.get(id);
    if (known !== undefined && known !== text) {
      throw new ResourceExistsException({ $metadata, message: "another value under this token" });
    }
    // A repetition of what was put already is ignored, and moves no label.
    if (known === undefined) {
      texts.set(id, text);
      for (const stage of stages) {
        labels.set(stage, id);
      }
    }
  };
  const become = (next: unknown) => {
    put(randomUUID(), JSON.stringify(next), ["AWSCURRENT"]);
  };
  if (value !== undefined) {
    become(value);
  }

  const refuseOther = (id: string | undefined) => {
    if (id !== arn) {
      throw new ResourceNotFoundException({ $metadata, message: `there is no secret ${id ?? ""}` });
    }
  };

  const secrets = mockClient(SecretsManagerClient);
  secrets
    .on(GetSecretValueCommand)
    .callsFake(({ SecretId: secretId }: GetSecretValueCommandInput) => {
      refuseOther(secretId);
      const id = labels.get("AWSCURRENT");
      if (id === undefined) {
        throw new ResourceNotFoundException({ $metadata, message: "no value for AWSCURRENT" });
      }
      return { VersionId: id, SecretString: texts.get(id) };
    });
  secrets.on(PutSecretValueCommand).callsFake((input: PutSecretValueCommandInput) => {
    const { SecretString: text = "", VersionStages: stages = ["AWSCURRENT"] } = input;
    refuseOther(input.SecretId);
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
    .callsFake((input: UpdateSecretVersionStageCommandInput) => {
      const { VersionStage: stage = "", MoveToVersionId: to = "" } = input;
      refuseOther(input.SecretId);
      const interrupt = interruption;
      interruption = undefined;
      interrupt?.();
      if (labels.get(stage) !== input.RemoveFromVersionId) {
        throw new InvalidParameterException({ $metadata, message: "the label is elsewhere" });
      }
      labels.set(stage, to);
      return {};
    });

  return {
    current: () => {
      const id = labels.get("AWSCURRENT");
      return id === undefined ? undefined : (JSON.parse(texts.get(id) ?? "") as unknown);
    },
    beforeNextMove: (next) => {
      interruption = next;
    },
    become,
  };
}
