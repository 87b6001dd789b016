import { parseArgs, type ParseArgsConfig } from "node:util";

import { CommandError } from "./command-error.ts";

/** Somebody asks how a command is used. Its message is the usage. */
export class HelpAsked extends Error {
  override readonly name = "HelpAsked";
}

/** What every command of a stage takes. */
export const stageOptions = {
  stage: { type: "string", default: "dev" },
  json: { type: "boolean", default: false },
} as const;

/** The arguments are not understood: a sentence, and how the command is used. */
export function misunderstood(sentence: string, usage: string): CommandError {
  return new CommandError(`${sentence}\n\n${usage}`);
}

/** The options that were given, by their names, with what is said without them left out. */
function givenIn(values: object): [name: string, value: unknown][] {
  return Object.entries<unknown>({ ...values }).filter(
    ([, value]) => value !== undefined && value !== false,
  );
}

/** npm has options of these names too: what is in its environment may be from somebody's .npmrc. */
const npmsOwn = new Set(["json", "yes"]);

/**
 * Options that are typed without `--` before them are npm's: it knows none of ours, and puts them into the
 * environment. Passed over, `npm run account add 1 --stage=prod` would be done on another stage.
 *
 * @throws CommandError
 * @see https://docs.npmjs.com/cli/v11/using-npm/config#environment-variables
 */
function refuseSwallowed(usage: string, { args, options = {} }: ParseArgsConfig): void {
  const isTyped = (name: string) =>
    args?.some((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`)) === true;
  for (const name of Object.keys(options)) {
    const variable = `npm_config_${name.replaceAll("-", "_")}`;
    if (variable in process.env && !npmsOwn.has(name) && !isTyped(name)) {
      throw misunderstood(
        `--${name} was kept by npm (${variable} is set): write -- before the options`,
        usage,
      );
    }
  }
}

/**
 * Reads what was typed after a command's name.
 *
 * An empty text is nobody's name or id. It comes of a variable that is not set, and AWS would be asked for
 * something else than was meant.
 *
 * @throws HelpAsked; CommandError when something is unknown, incomplete or empty, or went to npm.
 */
export function readCommandLine<Config extends ParseArgsConfig & { args: string[] }>(
  usage: string,
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
  const { args } = config;
  if (args.includes("--help") || args.includes("-h")) {
    throw new HelpAsked(usage);
  }
  refuseSwallowed(usage, config);
  const read = () => {
    try {
      return parseArgs(config);
    } catch (error) {
      throw misunderstood(error instanceof Error ? error.message : String(error), usage);
    }
  };
  const parsed = read();
  const positionals: readonly unknown[] = parsed.positionals;
  if (positionals.includes("")) {
    throw misunderstood('"" is no id: is a variable not set?', usage);
  }
  const empty = givenIn(parsed.values).find(([, value]) => [value].flat().includes(""));
  if (empty !== undefined) {
    throw misunderstood(`--${empty[0]} "" says nothing: is a variable not set?`, usage);
  }
  return parsed;
}

/** Mean something, or harm nothing, with every verb. */
const everywhere = ["stage", "json", "yes"];

/**
 * Refuses options that mean nothing with a verb: whoever gave one expects something that would not happen.
 *
 * @param own the options that mean something with this verb, besides those that do with every one.
 * @throws CommandError
 */
export function refuseOthers(values: object, own: readonly string[], where: string): void {
  const allowed = new Set([...everywhere, ...own]);
  const other = givenIn(values).find(([name]) => !allowed.has(name));
  if (other !== undefined) {
    throw new CommandError(`--${other[0]} means nothing with ${where}`);
  }
}

/** A command of this project as it can be typed on any machine: with the stage, even if it is the default. */
export function commandWords(command: string, stage: string): string {
  return `npm run ${command} --stage ${stage}`;
}
