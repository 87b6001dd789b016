import type { EventEmitter } from "node:events";
import { createInterface } from "node:readline/promises";
import { PassThrough } from "node:stream";

import { CommandError } from "./command-error.ts";
import { formatCsvRecord } from "./csv.ts";
import { escapeUnprintable } from "./escape-unprintable.ts";

/** The streams and signals of a command. `process` has these properties. */
export interface Io {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  /** Results. */
  readonly stdout: NodeJS.WritableStream;
  /** Progress, questions and errors. */
  readonly stderr: NodeJS.WritableStream;
  /** Emits `SIGINT` and `SIGTERM`. */
  readonly signals: Pick<EventEmitter, "once" | "off">;
}

/** Exit code of a command that Ctrl-C interrupted: 128 + the number of SIGINT, as in shells. */
export const INTERRUPTED_EXIT_CODE = 130;

const PROGRESS_INTERVAL_MS = 2000;

/** A result: `value` for programs, `text` for people. */
export interface Result {
  readonly json: boolean;
  readonly value: object;
  readonly text: readonly string[];
}

/** Node rejects a question with this error after Ctrl-C, Ctrl-D and `close`. */
const isAbortError = (error: unknown) =>
  typeof error === "object" && error !== null && "name" in error && error.name === "AbortError";

interface AskOptions {
  /** The stream for the question and the typed characters. @default stderr */
  readonly output?: NodeJS.WritableStream;
  /** Whether to read from a terminal, which then shows only what is written to `output`. */
  readonly isTerminal?: boolean;
}

function write(stream: NodeJS.WritableStream, lines: readonly string[]): void {
  stream.write(lines.map((line) => `${escapeUnprintable(line)}\n`).join(""));
}

/**
 * Everything that commands print and ask goes through here. Text is a list of lines, and each is made
 * printable: nothing that Freshdesk sends can add a line or control the terminal.
 */
export class Terminal {
  /** The exit code of the process if the command does not throw. */
  exitCode = 0;
  readonly #io: Io;
  #progressAt = Date.now();

  constructor(io: Io) {
    this.#io = io;
  }

  /** Prints the result: exact JSON, or lines of text. */
  print({ json, value, text }: Result): void {
    if (json) {
      this.#io.stdout.write(`${JSON.stringify(value)}\n`);
    } else {
      write(this.#io.stdout, text);
    }
  }

  /** Prints one record of a result in CSV. */
  printRecord(cells: readonly string[]): void {
    this.#io.stdout.write(formatCsvRecord(cells.map(escapeUnprintable)));
  }

  /** Prints progress, a warning or an error. */
  note(...lines: readonly string[]): void {
    write(this.#io.stderr, lines);
  }

  /** Prints how far a command has come, at most every two seconds. */
  progress(line: string): void {
    if (Date.now() - this.#progressAt >= PROGRESS_INTERVAL_MS) {
      this.#progressAt = Date.now();
      this.note(line);
    }
  }

  /**
   * Asks before a destructive action.
   *
   * @param yes whether `--yes` was passed.
   * @throws CommandError unless the operator agrees; with exit code 130 after Ctrl-C and at the end of input.
   */
  async confirm(consequence: string, yes: boolean): Promise<void> {
    if (yes) {
      return;
    }
    if (this.#io.stdin.isTTY !== true) {
      throw new CommandError(
        `${consequence} Nothing was changed. Cannot ask for confirmation: stdin is not a terminal. Pass --yes to confirm.`,
      );
    }
    const answer = await this.#ask(`${escapeUnprintable(consequence)} Continue? [y/N] `);
    if (answer === undefined) {
      throw new CommandError("Nothing was changed.", { exitCode: INTERRUPTED_EXIT_CODE });
    }
    if (!/^y(?:es)?$/i.test(answer.trim())) {
      throw new CommandError("Nothing was changed.");
    }
  }

  /**
   * Reads a secret: at a terminal without showing what is typed, otherwise the first line of stdin.
   *
   * @throws CommandError with exit code 130 after Ctrl-C and at the end of input.
   */
  async readSecret(question: string): Promise<string> {
    const { stdin, stderr } = this.#io;
    const isTerminal = stdin.isTTY === true;
    if (isTerminal) {
      stderr.write(`${escapeUnprintable(question)} `);
    }
    // `resume` discards what is written to the stream.
    const secret = await this.#ask("", { output: new PassThrough().resume(), isTerminal });
    if (isTerminal) {
      stderr.write("\n");
    }
    if (secret === undefined) {
      throw new CommandError("Nothing was changed.", { exitCode: INTERRUPTED_EXIT_CODE });
    }
    return secret.trim();
  }

  /** Returns a line of input, or nothing after Ctrl-C or at the end of input. */
  async #ask(
    question: string,
    { output = this.#io.stderr, isTerminal }: AskOptions = {},
  ): Promise<string | undefined> {
    const { stdin, signals } = this.#io;
    const prompt = createInterface({ input: stdin, output, terminal: isTerminal });
    const close = () => {
      prompt.close();
    };
    signals.once("SIGINT", close);
    try {
      return await new Promise((resolve, reject) => {
        prompt.once("close", () => {
          // A line that was typed before the end of input counts.
          setImmediate(resolve, undefined);
        });
        prompt.question(question).then(resolve, (error: unknown) => {
          if (isAbortError(error)) {
            resolve(undefined);
          } else {
            reject(error);
          }
        });
      });
    } finally {
      signals.off("SIGINT", close);
      prompt.close();
    }
  }

  /**
   * Returns a signal that aborts at Ctrl-C, or when the process is asked to end. A second Ctrl-C ends the
   * process immediately.
   */
  interruption(onInterrupted: () => void = () => undefined): AbortSignal {
    const controller = new AbortController();
    for (const signal of ["SIGINT", "SIGTERM"]) {
      this.#io.signals.once(signal, () => {
        onInterrupted();
        controller.abort();
      });
    }
    return controller.signal;
  }
}
