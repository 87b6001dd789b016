const { sign } = require("./signature");
const { VERSION } = require("./version");

/** Returns a JSON body as an object. The platform may provide it as text or as an object. */
function bodyOf(value) {
  let body = value;
  if (typeof value === "string") {
    try {
      body = JSON.parse(value);
    } catch {
      return undefined;
    }
  }
  return typeof body === "object" && body !== null ? body : undefined;
}

/** The platform rejects with an object. The hub's body is in `response` or in `message`. */
function rejectionOf(error) {
  const rejection = error || {};
  return {
    status: rejection.status || rejection.statusCode || 0,
    body: bodyOf(rejection.response) || bodyOf(rejection.message),
    isFromPlatform: rejection.errorSource === "PLATFORM",
  };
}

async function invoke(context, body) {
  try {
    const response = await $request.invokeTemplate("relayEvent", { context: context, body: body });
    return { status: response.status, body: bodyOf(response.response), isFromPlatform: false };
  } catch (error) {
    return rejectionOf(error);
  }
}

function signatureOf(iparams, id, timestamp, body) {
  try {
    return sign(iparams.signing_key, id, timestamp, body);
  } catch {
    return undefined;
  }
}

/**
 * Sends one signed request to the hub. Never rejects: `status` is 0 if no response arrived, and
 * `isKeyInvalid` is true if the signing key cannot be used.
 */
async function request(iparams, id, body) {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = signatureOf(iparams, id, timestamp, body);
  if (!signature) {
    return { status: 0, isKeyInvalid: true };
  }
  const context = {
    host: String(iparams.hub_host).trim(),
    path: String(iparams.hub_path).trim().replace(/^\//, ""),
    id: id,
    timestamp: timestamp,
    signature: signature,
    version: VERSION,
  };
  return await invoke(context, body);
}

exports.request = request;
