"""Puts ids of what there is in the place of made-up ones, most of the time: else little but NOT_FOUND would be seen."""

import json
import os
import random
import re

import schemathesis

TOKEN = os.environ.get("WARBLE_TOKEN")
IDS = json.loads(os.environ["WARBLE_IDS"])
ID = re.compile(r"[0-9a-f]{24}")
KINDS = {
    "tweetId": ["tweet"],
    "parentId": ["comment"],
    "commentId": ["comment"],
    "userId": ["user"],
    "userIds": ["user"],
    "to": ["user"],
    "conversationId": ["conversation"],
    "messageId": ["message"],
}


def known(value, field=None):
    if isinstance(value, dict):
        return {name: known(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [known(inner, field) for inner in value]
    if field == "username" and isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_]{3,15}", value):
        return random.choice(["alice", "bob", "carol", "dan", value])
    if not isinstance(value, str) or not ID.fullmatch(value) or random.random() < 0.2:
        return value
    kinds = KINDS.get(field, list(IDS))
    return random.choice([each for kind in kinds for each in IDS[kind]])


@schemathesis.hook
def map_body(context, body):
    return known(body)


@schemathesis.hook
def map_query(context, query):
    return {name: known(value) for name, value in query.items()} if isinstance(query, dict) else query


if TOKEN:

    @schemathesis.auth()
    class Bearer:
        def get(self, case, context):
            return TOKEN

        def set(self, case, data, context):
            case.headers["authorization"] = f"Bearer {data}"


@schemathesis.hook
def filter_case(context, case):
    """Headers that nobody knows are no mistake."""
    return not any("unknown-property" in name.lower() for name in case.headers or {})
