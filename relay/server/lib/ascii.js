/**
 * JSON in ASCII. No page says how the platform encodes a text on its way; what is ASCII is the same bytes
 * in every encoding, so the bytes that were signed are the bytes that arrive.
 */
function asciiJson(value) {
  return JSON.stringify(value).replace(/[^ -~]/g, function (character) {
    return "\\u" + character.charCodeAt(0).toString(16).padStart(4, "0");
  });
}

/** The bytes of a text that is ASCII. */
function bytesOf(ascii) {
  return Uint8Array.from(ascii, function (character) {
    return character.charCodeAt(0);
  });
}

exports.asciiJson = asciiJson;
exports.bytesOf = bytesOf;
