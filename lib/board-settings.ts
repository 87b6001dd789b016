import * as z from "zod";

import { freshdeskAccountId, nonEmptyText, text } from "./setting-text.ts";

/** The setting `board`: who may sign in to the hosted board, and what viewers may see. */
export const boardSchema = z
  .strictObject(
    {
      issuer: text(
        "must be the https URL of an OpenID Connect issuer",
        // An issuer on this machine, for the local cloud. AWS rejects it.
        /^(?:https:\/\/[^\s/?#]+(?:\/[^\s?#]*)?|http:\/\/127\.0\.0\.1:\d+)$/,
      ),
      clientId: nonEmptyText,
      audience: nonEmptyText,
      scopes: z
        .array(
          text("must be a scope without spaces", /^\S+$/),
          'must be a list of scopes such as ["agents.read"]',
        )
        .default([]),
      accountIds: z
        .array(
          freshdeskAccountId,
          'must be a list of Freshdesk account IDs such as ["11010177632"]',
        )
        .default([]),
      accountsClaim: nonEmptyText.optional(),
    },
    'must be an object such as {"issuer": "https://...", "clientId": "...", "audience": "...", "accountIds": ["11010177632"]}',
  )
  .refine(
    ({ accountIds: shown, accountsClaim }) => shown.length > 0 || accountsClaim !== undefined,
    "must set accountIds, accountsClaim or both; otherwise anyone who signs in could see every account",
  );
