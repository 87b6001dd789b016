"""python lookups.py STAGE ACCOUNT AVAILABILITY_ID EMAIL AGENT_ID"""

import json
import sys
import time

import boto3
from boto3.dynamodb.conditions import Key


def table_of(stage):
    """The stage's table. From another AWS account, give the table's ARN to Table() instead."""
    name = f"/agent-availability/{stage}/table-name"
    parameter = boto3.client("ssm").get_parameter(Name=name)["Parameter"]
    return boto3.resource("dynamodb").Table(parameter["Value"])


def key_of(account, availability_id):
    return {"accountId": account, "availabilityId": availability_id}


def somebody(item):
    """What is left of a forgotten agent, for 30 days, is nobody."""
    return item if item is not None and "removedAt" not in item else None


def by_availability_id(table, account, availability_id, consistent=False):
    """One agent; None for nobody."""
    answer = table.get_item(Key=key_of(account, availability_id), ConsistentRead=consistent)
    return somebody(answer.get("Item"))


def by_availability_ids(table, account, ids):
    """Up to 100 agents by their ids; who is nobody is not among them."""
    found, pause = {}, 0.02
    keys = [key_of(account, each) for each in dict.fromkeys(ids)]
    while keys:
        answer = table.meta.client.batch_get_item(RequestItems={table.name: {"Keys": keys}})
        for item in sum(answer["Responses"].values(), []):
            if somebody(item):
                found[item["availabilityId"]] = item
        keys = [key for left in answer["UnprocessedKeys"].values() for key in left["Keys"]]
        if keys:
            time.sleep(pause)
            pause = min(2 * pause, 1)
    return found


def query(table, account, **arguments):
    """All that a query finds, however many pages it takes."""
    arguments.setdefault("KeyConditionExpression", Key("accountId").eq(account))
    while True:
        page = table.query(**arguments)
        yield from page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def by_index(table, account, index, attribute, value):
    """Everyone with that value, newest first. The index has keys only, so the agents are read besides."""
    condition = Key("accountId").eq(account) & Key(attribute).eq(value)
    rows = query(table, account, IndexName=index, KeyConditionExpression=condition)
    agents = by_availability_ids(table, account, [row["availabilityId"] for row in rows])
    matching = [agent for agent in agents.values() if agent.get(attribute) == value]
    return sorted(matching, key=lambda agent: agent["updatedAt"], reverse=True)


def by_email(table, account, email):
    """Addresses are stored in lower case."""
    return by_index(table, account, "ByEmail", "email", email.lower())


def by_channel_agent_id(table, account, channel, agent_id):
    """Channels with an index: freshdesk, freshchat, freshcaller."""
    index = f"By{channel.capitalize()}AgentId"
    return by_index(table, account, index, f"{channel}AgentId", agent_id)


def available_on(table, account, channel):
    """Who is available now, longest waiting first, each agent once."""
    seen = set()
    for row in query(table, account, IndexName=f"AvailableOn{channel.capitalize()}"):
        if row["availabilityId"] not in seen:
            seen.add(row["availabilityId"])
            yield row


def everybody(table, account):
    return (item for item in query(table, account) if somebody(item))


def tell(question, answer):
    # boto3 gives numbers as Decimal.
    print(json.dumps({"question": question, "answer": answer}, default=int))


def main(stage, account, availability_id, email, agent_id):
    table = table_of(stage)
    tell("by availability id", by_availability_id(table, account, availability_id, consistent=True))
    tell("by e-mail", by_email(table, account, email))
    tell("by agent id", by_channel_agent_id(table, account, "freshchat", agent_id))
    found = by_availability_ids(table, account, ["404", availability_id])
    tell("several", {"agents": list(found.values())})
    waiting = list(available_on(table, account, "freshchat"))
    tell("next", [row.get("freshchatAgentId") for row in waiting[:3]])
    tell("available", [row["availabilityId"] for row in waiting])
    tell("everybody", sum(1 for _ in everybody(table, account)))


if __name__ == "__main__":
    main(*sys.argv[1:])
