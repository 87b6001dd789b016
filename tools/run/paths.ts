import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** Where the local cloud keeps what outlives a command; git does not see it. */
export const localFolder = join(root, ".local");

/** Where emulator, cdk and driver say what they do. */
export const defaultLogFile = join(localFolder, "local-cloud.log");

/** Programs that npm installed, the pinned Node among them. */
export const binFolder = join(root, "node_modules", ".bin");
