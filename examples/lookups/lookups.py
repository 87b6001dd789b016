"""python lookups.py STAGE ACCOUNT AVAILABILITY_ID EMAIL AGENT_ID USER_ID"""

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


def is_live(item):
    """A removed item leaves a tombstone for 30 days, which has `removedAt`."""
    return item is not None and "removedAt" not in item


def is_agent(item):
    """A person's login state is an item of its own, with the key `session:` and the user ID."""
    return is_live(item) and not item["availabilityId"].startswith("session:")


def by_availability_id(table, account, availability_id, consistent=False):
    """One agent as stored, or None."""
    key = key_of(account, availability_id)
    item = table.get_item(Key=key, ConsistentRead=consistent).get("Item")
    return item if is_agent(item) else None


def read_items(table, account, ids):
    """Up to 100 items by key. Keys that are not found are omitted."""
    found, pause = [], 0.02
    keys = [key_of(account, each) for each in dict.fromkeys(ids)]
    while keys:
        response = table.meta.client.batch_get_item(RequestItems={table.name: {"Keys": keys}})
        found += [item for each in response["Responses"].values() for item in each if is_live(item)]
        unprocessed = response["UnprocessedKeys"].values()
        keys = [key for request in unprocessed for key in request["Keys"]]
        if keys:
            time.sleep(pause)
            pause = min(2 * pause, 1)
    return found


def by_availability_ids(table, account, ids):
    """Up to 100 agents as stored, by ID. IDs that are not found are omitted."""
    items = read_items(table, account, ids)
    return {item["availabilityId"]: item for item in items if is_agent(item)}


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
    """Items with the value, newest first. The index contains only keys, so the items are read next."""
    condition = Key("accountId").eq(account) & Key(attribute).eq(value)
    keys = query(table, account, IndexName=index, KeyConditionExpression=condition)
    items = read_items(table, account, [key["availabilityId"] for key in keys])
    matching = [item for item in items if item.get(attribute) == value]
    return sorted(matching, key=lambda item: item["updatedAt"], reverse=True)


def by_user_id(table, account, user_id):
    """The agent with a Freshdesk user ID, such as the `responder_id` of a ticket, or None."""
    items = by_index(table, account, "ByUserId", "userId", user_id)
    with_email = [item for item in items if "email" in item]
    if with_email:
        # An availability item may not have the user ID yet. Its address connects it with the person.
        email = max(with_email, key=lambda item: item["eventTimestamp"])["email"]
        same_address = by_index(table, account, "ByEmail", "email", email)
        items += [item for item in same_address if "userId" not in item]
    return join(items, user_id)


def join(items, user_id):
    """One agent from the items of a person, with the effective login state."""
    agents = [item for item in items if is_agent(item)]
    if not agents:
        return None
    # The newest availability item; without one, the `user:` item.
    is_availability = lambda item: not item["availabilityId"].startswith("user:")
    newest = max(agents, key=lambda item: (is_availability(item), item["updatedAt"]))
    agent = {**newest, "userId": user_id}
    for session in (item for item in items if not is_agent(item)):
        # The newer login state counts; the session's if both are equally new or the agent's event has none.
        if "loggedIn" not in agent or session["eventTimestamp"] >= agent["eventTimestamp"]:
            agent |= {"loggedIn": session["loggedIn"], "loginSince": session.get("since")}
    return agent


def by_email(table, account, email):
    """Email addresses are stored in lower case."""
    return [
        item
        for item in by_index(table, account, "ByEmail", "email", email.lower())
        if is_agent(item)
    ]


def by_channel_agent_id(table, account, channel, agent_id):
    """Channels with an index: freshdesk, freshchat, freshcaller."""
    index = f"By{channel.capitalize()}AgentId"
    return by_index(table, account, index, f"{channel}AgentId", agent_id)


def available_on(table, account, channel):
    """Available agents, longest available first, each person once."""
    seen = set()
    for row in query(table, account, IndexName=f"AvailableOn{channel.capitalize()}"):
        # A person with a user ID may also have an item with the key `user:` and that ID.
        keys = {row["availabilityId"]}
        if "userId" in row:
            keys.add(f"user:{row['userId']}")
        if not keys & seen:
            yield row
        seen |= keys


def all_agents(table, account):
    """All agents as stored: a person with a `user:` item and an availability item is returned twice."""
    return (item for item in query(table, account) if is_agent(item))


def show(lookup, result):
    # boto3 returns numbers as Decimal.
    print(json.dumps({"lookup": lookup, "result": result}, default=int))


def main(stage, account, availability_id, email, agent_id, user_id):
    table = table_of(stage)
    show("by availability ID", by_availability_id(table, account, availability_id, consistent=True))
    show("by user ID", by_user_id(table, account, user_id))
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
