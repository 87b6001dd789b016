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

/**
 * Prepares sign-in, and completes it if the issuer has just redirected back to the page.
 *
 * @throws Error if the issuer is unreachable or rejected the sign-in.
 */
export async function createSignIn({ issuer, clientId, audience }: BoardSignIn): Promise<SignIn> {
  const page = `${location.origin}${location.pathname}`;
  const manager = new UserManager({
    authority: issuer,
    client_id: clientId,
    redirect_uri: page,
    post_logout_redirect_uri: page,
    scope: "openid profile offline_access",
    // Some issuers select the API by `audience`, others by `resource` (RFC 8707).
    extraQueryParams: { audience },
    automaticSilentRenew: true,
  });
  if (isRedirect()) {
    try {
      await manager.signinCallback();
    } finally {
      // The code works once: reloading the page must not send it again.
      history.replaceState(undefined, "", page);
    }
  }
  return {
    accessToken: async () => {
      const user = await manager.getUser();
      return user === null || user.expired === true ? undefined : user.access_token;
    },
    signIn: async () => {
      await manager.signinRedirect();
    },
    signOut: async () => {
      await manager.removeUser();
      await manager.signoutRedirect().catch(() => {
        // Not every issuer has an endpoint to sign out at; the viewer is signed out of the page.
        location.assign(page);
      });
    },
  };
}
