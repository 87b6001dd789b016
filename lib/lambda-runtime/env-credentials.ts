/**
 * Replaces `@aws-sdk/credential-provider-node` in the bundles. Lambda provides credentials only in the
 * environment. The chain that looks in other places adds 35 to 37 KiB to what every cold start loads.
 */
export const defaultProvider = () => () =>
  Promise.resolve({
    accessKeyId: process.env["AWS_ACCESS_KEY_ID"] ?? "",
    secretAccessKey: process.env["AWS_SECRET_ACCESS_KEY"] ?? "",
    sessionToken: process.env["AWS_SESSION_TOKEN"],
  });
