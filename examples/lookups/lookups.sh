#!/usr/bin/env bash
# bash lookups.sh STAGE ACCOUNT AVAILABILITY_ID EMAIL AGENT_ID USER_ID
set -euo pipefail
stage=$1 account=$2 availability_id=$3 email=$4 agent_id=$5 user_id=$6

table=$(aws ssm get-parameter --name "/agent-availability/$stage/table-name" \
  --query Parameter.Value --output text)

key() {
  printf '{"accountId": {"S": "%s"}, "availabilityId": {"S": "%s"}}' "$account" "$1"
}

# One agent. An item with removedAt is the tombstone of a removed agent.
aws dynamodb get-item --table-name "$table" --key "$(key "$availability_id")" --consistent-read \
  --query 'Item.[availabilityId.S, name.S, status.M.name.S, updatedAt.S]' --output text

# The keys of agents with this email address, which is stored in lower case, and this agent ID in Freshchat.
aws dynamodb query --table-name "$table" --index-name ByEmail \
  --key-condition-expression 'accountId = :account AND email = :email' \
  --expression-attribute-values \
  "{\":account\": {\"S\": \"$account\"}, \":email\": {\"S\": \"${email,,}\"}}" \
  --query 'Items[].[availabilityId.S]' --output text
aws dynamodb query --table-name "$table" --index-name ByFreshchatAgentId \
  --key-condition-expression 'accountId = :account AND freshchatAgentId = :id' \
  --expression-attribute-values \
  "{\":account\": {\"S\": \"$account\"}, \":id\": {\"S\": \"$agent_id\"}}" \
  --query 'Items[].[availabilityId.S]' --output text

# The keys of all items of a person by user ID, such as the responder_id of a ticket: the availability item
# (once it has the user ID), "user:" and the user ID (accounts without custom statuses), "session:" and the
# user ID (login state).
aws dynamodb query --table-name "$table" --index-name ByUserId \
  --key-condition-expression 'accountId = :account AND userId = :id' \
  --expression-attribute-values \
  "{\":account\": {\"S\": \"$account\"}, \":id\": {\"S\": \"$user_id\"}}" \
  --query 'Items[].[availabilityId.S]' --output text

# Up to 100 agents.
aws dynamodb batch-get-item \
  --request-items "{\"$table\": {\"Keys\": [$(key 404), $(key "$availability_id")]}}" \
  --query "Responses.\"$table\"[].[availabilityId.S, name.S]" --output text

# The first three agents who are available for chat, longest available first.
aws dynamodb query --table-name "$table" --index-name AvailableOnFreshchat \
  --key-condition-expression 'accountId = :account' \
  --expression-attribute-values "{\":account\": {\"S\": \"$account\"}}" --no-paginate --limit 3 \
  --query 'Items[].[freshchatAgentId.S, freshchatAvailableSince.S]' --output text
