import { render } from "preact";

import type { BoardConfig } from "../functions/board/board-data.ts";
import { App } from "./app.tsx";
import { Notice } from "./notice.tsx";
import { hasList } from "./poll.ts";
import type { SignIn } from "./sign-in.ts";

function isConfig(value: unknown): value is BoardConfig {
  return hasList(value, "accountIds");
}

async function readConfig(): Promise<BoardConfig> {
  const response = await fetch("config.json", { cache: "no-store" });
  const config: unknown = response.ok ? await response.json() : undefined;
  if (!isConfig(config)) {
    throw new Error(`config.json could not be read (status ${response.status}).`);
  }
  return config;
}

async function signInOf(config: BoardConfig): Promise<SignIn | undefined> {
  if (config.signIn === undefined) {
    return undefined;
  }
  const { createSignIn } = await import("./sign-in.ts");
  return await createSignIn(config.signIn);
}

const root = document.querySelector("#board");
if (root === null) {
  throw new Error("the page could not start: index.html has no element #board");
}
try {
  const config = await readConfig();
  const signIn = await signInOf(config);
  const token = await signIn?.accessToken();
  render(<App config={config} signIn={signIn} token={token} />, root);
} catch (error) {
  const text = error instanceof Error ? error.message : String(error);
  render(
    <Notice title="The board could not start">
      <p>{text}</p>
      <p>Reload the page. If that does not help, ask the team that runs the hub.</p>
    </Notice>,
    root,
  );
}
