// The least that can do what ingest does: node:https, AWS's signature by hand, no library, few checks.
// A floor to measure against, and nothing to deploy.
import { createHash, createHmac, createSecretKey, timingSafeEqual } from "node:crypto";
import { Agent, request } from "node:https";

const {
  AWS_ENDPOINT_URL: endpoint,
  AWS_REGION: region,
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
  SIGNING_KEYS_SECRET_ARN: secretArn,
  TABLE_NAME: tableName,
} = process.env;
const { hostname, port, host } = new URL(endpoint);
const agent = new Agent({ keepAlive: true });
const NOTHING = createHash("sha256");

const sha256 = (text) => NOTHING.copy().update(text).digest("hex");
const hmac = (key, text) => createHmac("sha256", key).update(text).digest();

/** Signature Version 4 of a POST of JSON to `/`. */
function headersOf(service, target, body) {
  const now = new Date().toISOString().replaceAll(/[-:]|\.\d{3}/g, "");
  const scope = `${now.slice(0, 8)}/${region}/${service}/aws4_request`;
  const signed = "content-type;host;x-amz-date;x-amz-target";
  const canonical = `POST\n/\n\ncontent-type:application/x-amz-json-1.1\nhost:${host}\nx-amz-date:${now}\nx-amz-target:${target}\n\n${signed}\n${sha256(body)}`;
  const key = scope.split("/").reduce(hmac, `AWS4${secretAccessKey}`);
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${now}\n${scope}\n${sha256(canonical)}`);
  return {
    "content-type": "application/x-amz-json-1.1",
    "content-length": Buffer.byteLength(body),
    "x-amz-date": now,
    "x-amz-target": target,
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature.toString("hex")}`,
  };
}

async function send(service, target, input) {
  const body = JSON.stringify(input);
  return await new Promise((resolve, reject) => {
    const options = { hostname, port, agent, method: "POST", path: "/" };
    request({ ...options, headers: headersOf(service, target, body) }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("end", () => {
        const answer = JSON.parse(Buffer.concat(parts).toString());
        if (response.statusCode === 200) {
          resolve(answer);
        } else {
          reject(new Error(`${target} was answered ${response.statusCode}`));
        }
      });
    })
      .on("error", reject)
      .end(body);
  });
}

let keys;
async function keyOf(accountId) {
  if (keys === undefined) {
    const { SecretString: text } = await send("secretsmanager", "secretsmanager.GetSecretValue", {
      SecretId: secretArn,
    });
    const entries = Object.entries(JSON.parse(text)).map(
      ([
        id,
        {
          keys: [key],
        },
      ]) => [id, createSecretKey(key.slice("whsec_".length), "base64")],
    );
    keys = new Map(entries);
  }
  return keys.get(accountId);
}

const text = (value) => ({ S: String(value) });
const isText = (value) => typeof value === "string" && value !== "";

function valuesOf({ data, timestamp, region: from, domain }) {
  const { actor, agent_availability: agentState, associations } = data;
  const { id, updated_at: updatedAt, channel_availability: channels } = agentState;
  if (!(isText(updatedAt) && Number.isInteger(id) && Array.isArray(channels) && timestamp > 0)) {
    throw new Error("malformed");
  }
  const state = channels.map(
    ({ channel, available, agent_id: agentId, channel_account_id: of }) => [
      channel,
      { M: { available: { BOOL: available }, agentId: text(agentId), channelAccountId: text(of) } },
    ],
  );
  const said = {
    name: text(agentState.name),
    email: text(agentState.Email.toLowerCase()),
    loggedIn: { BOOL: agentState.logged_in },
    status: {
      M: {
        id: text(associations.status.id),
        name: text(associations.status.name),
        since: text(new Date(agentState.status_updated_at).toISOString()),
      },
    },
    channels: { M: Object.fromEntries(state) },
    actor: { M: { type: text(actor.type), id: text(actor.id), name: text(actor.name) } },
  };
  return {
    ...said,
    contentHash: text(sha256(JSON.stringify(said))),
    updatedAt: text(new Date(updatedAt).toISOString()),
    createdAt: text(new Date(agentState.created_at).toISOString()),
    receivedAt: text(new Date().toISOString()),
    eventTimestamp: { N: String(Math.round(timestamp * 1e6)) },
    domain: text(domain),
    region: text(from),
  };
}

function writeOf(payload, accountId) {
  const values = Object.entries(valuesOf(payload));
  return {
    TableName: tableName,
    Key: { accountId: text(accountId), availabilityId: text(payload.data.agent_availability.id) },
    UpdateExpression: `SET ${values.map(([name]) => `#${name} = :${name}`).join(", ")}`,
    ConditionExpression:
      "attribute_not_exists(#updatedAt) OR #updatedAt < :updatedAt OR (#updatedAt = :updatedAt AND (#eventTimestamp < :eventTimestamp OR (#eventTimestamp = :eventTimestamp AND #contentHash < :contentHash)))",
    ExpressionAttributeNames: Object.fromEntries(values.map(([name]) => [`#${name}`, name])),
    ExpressionAttributeValues: Object.fromEntries(
      values.map(([name, value]) => [`:${name}`, value]),
    ),
    ReturnValues: "UPDATED_NEW",
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  };
}

async function accept(event, isReadFirst) {
  const { headers, body, pathParameters } = event;
  const { accountId } = pathParameters;
  const id = headers["webhook-id"];
  const sentAt = headers["webhook-timestamp"];
  const mac = hmac(await keyOf(accountId), `${id}.${sentAt}.${body}`);
  const claimed = Buffer.from(headers["webhook-signature"].slice("v1,".length), "base64");
  if (!timingSafeEqual(mac, claimed) || Math.abs(Date.now() / 1000 - sentAt) > 300) {
    return { statusCode: 401 };
  }
  const write = writeOf(JSON.parse(body), accountId);
  if (isReadFirst) {
    await send("dynamodb", "DynamoDB_20120810.GetItem", {
      TableName: tableName,
      Key: write.Key,
      ConsistentRead: true,
    });
  }
  const { Attributes: written } = await send("dynamodb", "DynamoDB_20120810.UpdateItem", write);
  return { statusCode: 200, body: JSON.stringify({ version: written.version.N }) };
}

/** One write for each request, as ingest has it. */
export const handler = async (event) => await accept(event, false);

/** A read and a write for each request, as the floor of the goals had it. */
export const readAndWrite = async (event) => await accept(event, true);
