/**
 * Returns JSON in ASCII. The platform does not document how it encodes a body. ASCII has the same bytes in
 * every encoding, so the bytes that are signed are the bytes that arrive.
 */
function asciiJson(value) {
  return JSON.stringify(value).replace(/[^ -~]/g, function (character) {
    return "\\u" + character.charCodeAt(0).toString(16).padStart(4, "0");
  });
}

/** Returns the bytes of an ASCII text. */
function bytesOf(ascii) {
  return Uint8Array.from(ascii, function (character) {
    return character.charCodeAt(0);
  });
}

exports.asciiJson = asciiJson;
exports.bytesOf = bytesOf;
