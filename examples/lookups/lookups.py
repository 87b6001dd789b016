"""python lookups.py STAGE ACCOUNT AVAILABILITY_ID EMAIL AGENT_ID"""

import json
import sys
import time

import boto3
from boto3.dynamodb.conditions import Key


def table_of(stage):
    """The stage's table. In another AWS account, pass the table's ARN to Table() instead."""
    name = f"/agent-availability/{stage}/table-name"
    parameter = boto3.client("ssm").get_parameter(Name=name)["Parameter"]
    return boto3.resource("dynamodb").Table(parameter["Value"])


def key_of(account, availability_id):
    return {"accountId": account, "availabilityId": availability_id}


def is_agent(item):
    """A removed agent leaves a tombstone for 30 days, which has `removedAt`."""
    return item is not None and "removedAt" not in item


def by_availability_id(table, account, availability_id, consistent=False):
    """One agent, or None."""
    key = key_of(account, availability_id)
    item = table.get_item(Key=key, ConsistentRead=consistent).get("Item")
    return item if is_agent(item) else None


def by_availability_ids(table, account, ids):
    """Up to 100 agents by ID. IDs that are not found are omitted."""
    found, pause = {}, 0.02
    keys = [key_of(account, each) for each in dict.fromkeys(ids)]
    while keys:
        response = table.meta.client.batch_get_item(RequestItems={table.name: {"Keys": keys}})
        for item in sum(response["Responses"].values(), []):
            if is_agent(item):
                found[item["availabilityId"]] = item
        unprocessed = response["UnprocessedKeys"].values()
        keys = [key for request in unprocessed for key in request["Keys"]]
        if keys:
            time.sleep(pause)
            pause = min(2 * pause, 1)
    return found


def query(table, account, **arguments):
    """All items of a query, from all pages."""
    arguments.setdefault("KeyConditionExpression", Key("accountId").eq(account))
    while True:
        page = table.query(**arguments)
        yield from page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def by_index(table, account, index, attribute, value):
    """Agents with the value, newest first. The index contains only keys, so the agents are read next."""
    condition = Key("accountId").eq(account) & Key(attribute).eq(value)
    keys = query(table, account, IndexName=index, KeyConditionExpression=condition)
    agents = by_availability_ids(table, account, [key["availabilityId"] for key in keys])
    matching = [agent for agent in agents.values() if agent.get(attribute) == value]
    return sorted(matching, key=lambda agent: agent["updatedAt"], reverse=True)


def by_email(table, account, email):
    """Email addresses are stored in lower case."""
    return by_index(table, account, "ByEmail", "email", email.lower())


def by_channel_agent_id(table, account, channel, agent_id):
    """Channels with an index: freshdesk, freshchat, freshcaller."""
    index = f"By{channel.capitalize()}AgentId"
    return by_index(table, account, index, f"{channel}AgentId", agent_id)


def available_on(table, account, channel):
    """Available agents, longest available first, each agent once."""
    seen = set()
    for row in query(table, account, IndexName=f"AvailableOn{channel.capitalize()}"):
        if row["availabilityId"] not in seen:
            seen.add(row["availabilityId"])
            yield row


def all_agents(table, account):
    return (item for item in query(table, account) if is_agent(item))


def show(lookup, result):
    # boto3 returns numbers as Decimal.
    print(json.dumps({"lookup": lookup, "result": result}, default=int))


def main(stage, account, availability_id, email, agent_id):
    table = table_of(stage)
    show("by availability ID", by_availability_id(table, account, availability_id, consistent=True))
    show("by email", by_email(table, account, email))
    show("by agent ID", by_channel_agent_id(table, account, "freshchat", agent_id))
    found = by_availability_ids(table, account, ["404", availability_id])
    show("several", {"agents": list(found.values())})
    available = list(available_on(table, account, "freshchat"))
    show("next", [row.get("freshchatAgentId") for row in available[:3]])
    show("available", [row["availabilityId"] for row in available])
    show("all", sum(1 for _ in all_agents(table, account)))


if __name__ == "__main__":
    main(*sys.argv[1:])
