"""A plugin that does what a generated chain says; `../chains/scripted-plugin.ts` does the same."""

import asyncio
import copy

from frameworks import errors, framework, http, models

# What a deleted key of the global state becomes. Their merge would bring the key back.
DELETED = "\u0000deleted"

HOOKS = [
    "tool_pre_invoke",
    "tool_post_invoke",
    "prompt_pre_fetch",
    "prompt_post_fetch",
    "resource_pre_fetch",
    "resource_post_fetch",
    "agent_pre_invoke",
    "agent_post_invoke",
    "http_pre_request",
    "http_post_request",
    "http_auth_resolve_user",
    "http_auth_check_permission",
]

# What is done here as the other implementation does it, see `../chains/python-chains.ts`.
emulation = {
    "deletes": True,
    "copies": True,
    "headers": True,
    "keeps": True,
    "merges": True,
    "aborts": True,
    "turns": True,
    "afterwards": True,
    "final": True,
    "notes": True,
}

# The request whose turn it is: one at a time.
now = {"acts": {}, "call": 0, "seen": [], "order": [], "since": 0.0}


def milliseconds():
    """Since the call began."""
    return round((asyncio.get_running_loop().time() - now["since"]) * 1000)


def note(plugin, what):
    now["order"].append(f"{milliseconds()} {plugin} {what}")


def visible(record):
    return {key: copy.deepcopy(value) for key, value in record.items() if value != DELETED}


def plain(value):
    return value.model_dump(mode="json") if hasattr(value, "model_dump") else copy.deepcopy(value)


def one_entry(headers):
    if not emulation["headers"]:
        return headers
    last = {name.lower(): name for name in headers}
    return {name: value for name, value in headers.items() if last[name.lower()] == name}


def with_one_entry(fields, names=("headers", "response_headers", "http_headers")):
    return {
        name: one_entry(value) if name in names and isinstance(value, dict) else value for name, value in fields.items()
    }


def sight(plugin, hook, payload, context):
    seen = context.global_context
    return {
        "plugin": plugin,
        "hook": hook,
        "payload": plain(payload),
        "state": visible(context.state),
        "metadata": visible(context.metadata),
        "global_state": visible(seen.state),
        "global_metadata": visible(seen.metadata),
        "request_id": seen.request_id,
        "user": seen.user,
        "tenant_id": seen.tenant_id,
        "server_id": seen.server_id,
        "content_type": seen.content_type,
        "user_id": seen.user_context and seen.user_context.user_id,
    }


def same_leaf(one, other):
    return type(one) is type(other) and not isinstance(one, (dict, list)) and one == other


def write(step, context):
    shared = step["to"].startswith("global")
    holder = context.global_context if shared else context
    record = holder.metadata if step["to"].endswith("metadata") else holder.state
    key = step.get("key")
    match step["do"]:
        case "set":
            record[key] = copy.deepcopy(step["value"])
        case "count":
            earlier = record.get(key, 0)
            record[key] = earlier + 1 if isinstance(earlier, int) else 1
        case "nest":
            earlier = record.get(key)
            changed = earlier if isinstance(earlier, dict) else {}
            if "inner" in changed and same_leaf(changed["inner"], step["value"]):
                return
            if emulation["copies"]:
                changed = copy.deepcopy(changed)
            changed["inner"] = copy.deepcopy(step["value"])
            record[key] = changed
        case "delete":
            if not shared or not emulation["deletes"]:
                record.pop(key, None)
            elif key in record:
                record[key] = DELETED
        case "clear":
            for name in list(record.keys()):
                if shared and emulation["deletes"]:
                    record[name] = DELETED
                else:
                    del record[name]
        case other:
            raise SystemExit(f"no step {other}")


def modified(wanted, payload, hook):
    match wanted["kind"]:
        case "same":
            return payload
        case "fields":
            if isinstance(payload, dict):
                return payload
            return type(payload).model_validate({**payload.model_dump(), **with_one_entry(copy.deepcopy(wanted["fields"]))})
        case "foreign" | "odd" | "user":
            return copy.deepcopy(wanted["value"])
        case "headers":
            if isinstance(payload, http.HttpHeaderPayload):
                earlier = payload.root
            elif hook == "http_post_request":
                earlier = payload.response_headers.root if payload.response_headers else {}
            else:
                earlier = payload.headers.root
            return http.HttpHeaderPayload(one_entry({**earlier, **wanted["value"]}))
        case "decision":
            return http.HttpAuthCheckPermissionResultPayload(**wanted["value"])
        case other:
            raise SystemExit(f"no modification {other}")


def result(answer, payload, hook):
    fields = with_one_entry(copy.deepcopy(answer))
    wanted = fields.pop("modified", None)
    if wanted is not None:
        fields["modified_payload"] = modified(wanted, payload, hook)
    if fields.get("violation") is not None:
        fields["violation"] = framework.PluginViolation(**with_one_entry(fields["violation"]))
    return framework.PluginResult(**fields)


def write_all(script, context):
    for step in script["steps"]:
        write(step, context)


async def act(script, payload, hook, context):
    if script["early"]:
        write_all(script, context)
    if script["wait"] > 0:
        await asyncio.sleep(script["wait"] / 1000)
    if not script["early"]:
        write_all(script, context)
    end = script["end"]
    match end["kind"]:
        case "answer":
            return result(end["answer"], payload, hook)
        case "nothing":
            return None
        case "odd":
            return copy.deepcopy(end["value"])
        case "error":
            raise ValueError(end["message"])
        case "plugin_error":
            raise errors.PluginError(error=models.PluginErrorModel(**end["error"]))
        case "violation":
            violation = end["violation"] and framework.PluginViolation(**with_one_entry(end["violation"]))
            raise errors.PluginViolationError(end["message"], violation=violation)
        case "hang":
            await asyncio.sleep(3600)
        case other:
            raise SystemExit(f"no end {other}")


class Scripted(framework.Plugin):
    pass


def handler(hook):
    async def handle(self, payload, context):
        now["seen"].append(sight(self.name, hook, payload, context))
        note(self.name, "starts")
        try:
            answer = await act(now["acts"][self.name][now["call"]], payload, hook, context)
        except asyncio.CancelledError:
            note(self.name, "is told")
            raise
        except Exception:
            note(self.name, "ends")
            raise
        note(self.name, "ends")
        return answer

    return handle


for name in HOOKS:
    setattr(Scripted, name, handler(name))
