import { SignatureV4 } from "@smithy/signature-v4";

/**
 * Stands in for `@aws-sdk/signature-v4-multi-region` in the bundles: the ordinary signature, without
 * that of global endpoints, which only EventBridge's client asks for and which this project has none of.
 */
export class SignatureV4MultiRegion extends SignatureV4 {
  /** Which implementation of the multi-region signature is there. */
  static sigv4aDependency(): "none" {
    return "none";
  }
}
