import { AsOf } from "./as-of.tsx";
import type { AccountState } from "./use-account.ts";
import type { SignIn } from "./sign-in.ts";

interface PageHeaderProps {
  readonly stage: string;
  readonly accountId: string;
  readonly accountIds: readonly string[];
  readonly onAccount: (accountId: string) => void;
  readonly onWallboard: () => void;
  readonly signIn: SignIn | undefined;
  readonly account: AccountState;
  /** The server's time: epoch milliseconds. */
  readonly now: number;
}

/** The page's header: the account, the age of the data, and the actions. */
export function PageHeader(props: PageHeaderProps) {
  const { stage, onWallboard, signIn, account, now } = props;
  return (
    <header class="page-header">
      <h1>Agent availability</h1>
      <AccountSwitch {...props} />
      <span class="stage">{stage}</span>
      <AsOf reading={account.reading} failure={account.failure} now={now} />
      <div class="actions">
        <button type="button" onClick={onWallboard}>
          Wallboard
        </button>
        {signIn && <SignInButton signIn={signIn} failure={account.failure} />}
      </div>
    </header>
  );
}

type AccountSwitchProps = Pick<PageHeaderProps, "accountId" | "accountIds" | "onAccount">;

function AccountSwitch({ accountId, accountIds, onAccount }: AccountSwitchProps) {
  if (accountIds.length < 2) {
    return <span class="account">Account {accountId}</span>;
  }
  return (
    <label class="account">
      <span>Account</span>
      <select
        value={accountId}
        onChange={(event) => {
          onAccount(event.currentTarget.value);
        }}
      >
        {accountIds.map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </select>
    </label>
  );
}

function SignInButton({ signIn, failure }: { signIn: SignIn; failure: string | undefined }) {
  return failure === "signed-out" ? (
    <button type="button" class="primary" onClick={() => void signIn.signIn()}>
      Sign in again
    </button>
  ) : (
    <button type="button" onClick={() => void signIn.signOut()}>
      Sign out
    </button>
  );
}
