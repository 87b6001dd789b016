const { send } = require("./hub");
const { park, parkedIn } = require("./parking");
const { digest } = require("./signature");

/** After this a parked event is given up. */
const OLDEST_MS = 24 * 60 * 60 * 1000;

function isTooOld(parked) {
  return Date.now() - parked.at > OLDEST_MS;
}

/** An event alone keeps its own id; a list has one made of the ids of its events. */
function listIdOf(parked) {
  const ids = parked.map(function (each) {
    return each.id;
  });
  return ids.length === 1 ? ids[0] : "availability_list_" + digest(ids.join(" "));
}

function tellDropped(parked, reason) {
  parked.forEach(function (each) {
    console.error("dropped " + each.id + ": " + reason);
  });
}

function tellInvalid(parked, json) {
  const results = (json && json.results) || [];
  results.forEach(function (result) {
    if (result.outcome === "invalid" && parked[result.index]) {
      tellDropped([parked[result.index]], "the hub finds it invalid");
    }
  });
}

async function sendParked(iparams, parked) {
  const events = parked.map(function (each) {
    return each.event;
  });
  const sent = await send(iparams, listIdOf(parked), { events: events });
  if (sent.verdict === "done") {
    tellInvalid(parked, sent.json);
  } else if (sent.verdict === "drop") {
    tellDropped(parked, "the hub refused it with " + sent.reason);
  } else {
    console.warn("parking " + listIdOf(parked) + " again: " + sent.reason);
    await park(parked);
  }
}

/** Sends what an agent has parked, as one list. What is over a day old is given up. */
async function drain(payload) {
  const parked = parkedIn(payload);
  const young = parked.filter(function (each) {
    return !isTooOld(each);
  });
  tellDropped(parked.filter(isTooOld), "it was parked for over 24 hours");
  if (young.length > 0) {
    await sendParked(payload.iparams, young);
  }
}

exports.drain = drain;
