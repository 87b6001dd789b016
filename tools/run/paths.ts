import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** Folder for files that survive a command, ignored by Git. */
export const localFolder = join(root, ".local");

export const defaultLogFile = join(localFolder, "local-cloud.log");

/** Programs installed by npm, including the pinned Node. */
export const binFolder = join(root, "node_modules", ".bin");
