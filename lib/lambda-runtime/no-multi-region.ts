import { SignatureV4 } from "@smithy/signature-v4";

/**
 * Replaces `@aws-sdk/signature-v4-multi-region` in the bundles with the regional signature. Only EventBridge's
 * global endpoints need the other one, and this project does not use them.
 */
export class SignatureV4MultiRegion extends SignatureV4 {
  /** Returns which implementation of the multi-region signature is available. */
  static sigv4aDependency(): "none" {
    return "none";
  }
}
