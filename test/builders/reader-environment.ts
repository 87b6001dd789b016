const isForNodeAndNetwork =
  /_proxy$|^NODE_(COMPILE_CACHE|EXTRA_CA_CERTS)$|^SSL_CERT_|^npm_config_registry$/i;

/** Returns the environment of a reader who runs documented commands, without `PATH`. npm reads its cache first. */
export const readerEnvironment = (): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(
    Object.entries(process.env).filter(([variable]) => isForNodeAndNetwork.test(variable)),
  ),
  HOME: process.env["HOME"],
  npm_config_prefer_offline: "true",
  npm_config_audit: "false",
});
