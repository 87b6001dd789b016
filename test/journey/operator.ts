import type { Cloud } from "../../local/emulator/cloud.ts";
import { startCommand } from "../commands/run-command.ts";

/**
 * Creates the function that runs `npx agent-availability` against a local cloud, as an operator without a
 * terminal does.
 *
 * @param input everything that stdin holds.
 */
export function createOperator(
  { endpoint, region, accessKeyId, secretAccessKey, stage }: Cloud,
  input?: string,
) {
  const environment = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  };
  return async (...argv: readonly string[]) =>
    await startCommand([...argv, "--stage", stage], environment, { input }).ended;
}
