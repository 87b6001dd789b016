import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout. */
export const root = fileURLToPath(new URL("..", import.meta.url));

/** Where the local cloud keeps what outlives a command; git does not see it. */
export const localFolder = join(root, ".local");

/** Programs that npm installed, the pinned Node among them. */
export const binFolder = join(root, "node_modules", ".bin");
