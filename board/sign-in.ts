import { UserManager } from "oidc-client-ts";

import type { BoardSignIn } from "../functions/board/board-data.ts";

/** Signs viewers in with the stage's OpenID Connect issuer: authorization code with PKCE. */
export interface SignIn {
  /** Returns the viewer's access token; `undefined` if the viewer has to sign in. */
  readonly accessToken: () => Promise<string | undefined>;
  readonly signIn: () => Promise<void>;
  readonly signOut: () => Promise<void>;
}

function isRedirect(): boolean {
  const query = new URLSearchParams(location.search);
  return query.has("state") && (query.has("code") || query.has("error"));
}

/** Returns the scope to request. Some issuers, such as Amazon Cognito, reject scopes that they do not support. */
async function scopeOf(manager: UserManager, scopes: readonly string[]): Promise<string> {
  const { scopes_supported: supported = [] } = await manager.metadataService.getMetadata();
  // A refresh token renews the sign-in without leaving the page.
  const renewalScopes = supported.includes("offline_access") ? ["offline_access"] : [];
  return ["openid", ...renewalScopes, ...scopes].join(" ");
}

/**
 * Prepares sign-in, and completes it if the issuer has just redirected back to the page.
 *
 * @throws Error if the issuer is unreachable or rejected the sign-in.
 */
export async function createSignIn(options: BoardSignIn): Promise<SignIn> {
  const { issuer, clientId, audience, scopes } = options;
  const page = `${location.origin}${location.pathname}`;
  const manager = new UserManager({
    authority: issuer,
    client_id: clientId,
    redirect_uri: page,
    post_logout_redirect_uri: page,
    // Some issuers select the API by `audience`, others by `resource` (RFC 8707).
    extraQueryParams: { audience },
    automaticSilentRenew: true,
  });
  if (isRedirect()) {
    try {
      await manager.signinCallback();
    } finally {
      // The authorization code can be used only once, so reloading the page must not send it again.
      history.replaceState(undefined, "", page);
    }
  }
  return {
    accessToken: async () => {
      const user = await manager.getUser();
      return user === null || user.expired === true ? undefined : user.access_token;
    },
    signIn: async () => {
      await manager.signinRedirect({ scope: await scopeOf(manager, scopes) });
    },
    signOut: async () => {
      await manager.removeUser();
      // Amazon Cognito expects the page's URL in a separate parameter.
      await manager.signoutRedirect({ extraQueryParams: { logout_uri: page } }).catch(() => {
        // Not every issuer has a sign-out endpoint. The viewer is signed out of this page only.
        location.assign(page);
      });
    },
  };
}
