import { useState } from "preact/hooks";

import type { BoardConfig } from "../functions/board/board-data.ts";
import { AccountBoard } from "./account-board.tsx";
import { viewableAccounts } from "./accounts.ts";
import { Notice } from "./notice.tsx";
import type { SignIn } from "./sign-in.ts";

export interface AppProps {
  readonly config: BoardConfig;
  /** @default - the board requires no sign-in */
  readonly signIn: SignIn | undefined;
  /** The viewer's access token, as of when the page was loaded. */
  readonly token: string | undefined;
}

function rememberedAccount(accountIds: readonly string[]): string | undefined {
  const requested = new URLSearchParams(location.hash.slice(1)).get("account");
  return requested !== null && accountIds.includes(requested) ? requested : accountIds[0];
}

/** The board: sign-in, if the stage requires it, and one account at a time. */
export function App({ config, signIn, token }: AppProps) {
  const accountIds = viewableAccounts(config, token);
  const [accountId, setAccountId] = useState(() => rememberedAccount(accountIds));
  if (signIn !== undefined && token === undefined) {
    return (
      <Notice title="Agent availability">
        <p>Sign in to see who is available.</p>
        <button type="button" class="primary" onClick={() => void signIn.signIn()}>
          Sign in
        </button>
      </Notice>
    );
  }
  if (accountId === undefined) {
    return (
      <Notice title="No account to show">
        {signIn === undefined ? (
          <p>
            The stage “{config.stage}” has no Freshdesk account yet. Add one with{" "}
            <code>npx agent-availability account add ID</code>, then reload this page.
          </p>
        ) : (
          <>
            <p>
              Your sign-in does not include any account of this board. Ask the team that runs the
              board.
            </p>
            <button type="button" onClick={() => void signIn.signOut()}>
              Sign out
            </button>
          </>
        )}
      </Notice>
    );
  }
  return (
    <AccountBoard
      key={accountId}
      stage={config.stage}
      accountId={accountId}
      accountIds={accountIds}
      hasHistory={config.history}
      onAccount={setAccountId}
      signIn={signIn}
    />
  );
}
