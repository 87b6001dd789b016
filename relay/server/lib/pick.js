/** Copies fields that have a value. The hub treats null and an empty string as absent. */
function pick(source, names) {
  const picked = {};
  names.forEach(function (name) {
    if (source && source[name] !== undefined && source[name] !== null && source[name] !== "") {
      picked[name] = source[name];
    }
  });
  return picked;
}

exports.pick = pick;
