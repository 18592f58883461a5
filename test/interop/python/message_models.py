"""What the models of cpex make of a message: one payload a line on standard input, in JSON, and one line for each."""

import json
import sys

from cpex.framework.hooks.identity import DelegationResult, IdentityResult
from cpex.framework.hooks.message import MessagePayload

MODELS = {"message": MessagePayload, "identity": IdentityResult, "delegation": DelegationResult}


def looked_at(message):
    return [
        {
            "kind": view.kind.value,
            "role": view.role.value,
            "name": view.name,
            "uri": view.uri,
            "action": view.action.value,
            "args": view.args,
            "content": view.content,
            "mime_type": view.mime_type,
            "is_pre": view.is_pre,
        }
        for view in message.iter_views()
    ]


for line in sys.stdin:
    order = json.loads(line)
    try:
        read = MODELS[order["model"]].model_validate(order["value"])
        answer = {"value": read.model_dump(mode="json")}
        if order["model"] == "message":
            answer["views"] = looked_at(read.message)
    except Exception as error:
        answer = {"refused": f"{type(error).__name__}: {error}"}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
