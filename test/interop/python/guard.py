"""The suite's plugin for the Python framework. The name of what is guarded says what to do; `../plugins/guard.js` does the same."""

import asyncio

from cpex.framework import Plugin, PluginResult, PluginViolation
from cpex.framework.errors import PluginError, PluginViolationError
from cpex.framework.models import PluginErrorModel

MIRRORED = [
    "prompt_pre_fetch",
    "prompt_post_fetch",
    "resource_pre_fetch",
    "resource_post_fetch",
    "agent_pre_invoke",
    "agent_post_invoke",
]


def seen_context(context):
    seen = context.global_context
    return {
        "request_id": seen.request_id,
        "user": seen.user,
        "tenant_id": seen.tenant_id,
        "server_id": seen.server_id,
        "content_type": seen.content_type,
        "user_context": seen.user_context and seen.user_context.model_dump(mode="json"),
        "state": dict(context.state),
        "metadata": dict(context.metadata),
        "global_state": dict(seen.state),
        "global_metadata": dict(seen.metadata),
    }


class Guard(Plugin):
    async def tool_pre_invoke(self, payload, context):
        args = dict(payload.args or {})
        match payload.name:
            case "modify":
                changed = {
                    "name": "modified",
                    "args": {**args, "touched": True},
                    "headers": {"x-touched": "yes"},
                }
                return PluginResult(modified_payload=type(payload)(**changed))
            case "modify-args":
                return PluginResult(modified_payload=payload.model_copy(update={"args": {**args, "touched": True}}))
            case "mirror":
                return PluginResult(modified_payload=payload, metadata={"args": args})
            case "annotate":
                return PluginResult(metadata={"seen": payload.name, "count": 1})
            case "headers":
                return PluginResult(http_headers={"x-answer": "42"}, retry_delay_ms=250)
            case "block-plain":
                violation = PluginViolation(reason="no", description="not allowed", code="NO")
                return PluginResult(continue_processing=False, violation=violation)
            case "block-detailed":
                violation = PluginViolation(
                    reason="denied",
                    description="because",
                    code="DENIED",
                    details=args,
                    mcp_error_code=-32001,
                    http_status_code=429,
                    http_headers={"retry-after": "3"},
                )
                return PluginResult(continue_processing=False, violation=violation, metadata={"rule": 7})
            case "block-and-modify":
                violation = PluginViolation(reason="no", description="not allowed", code="NO")
                changed = payload.model_copy(update={"args": {"gone": True}})
                return PluginResult(continue_processing=False, violation=violation, modified_payload=changed)
            case "block-with-numbers":
                violation = PluginViolation(reason="no", description="not allowed", code="NO")
                numbers = {"score": 0.5, "strict": True, "count": 2**53 + 1}
                return PluginResult(continue_processing=False, violation=violation, denial_metadata=numbers)
            case "stop-without-violation":
                return PluginResult(continue_processing=False)
            case "report-without-stop":
                violation = PluginViolation(reason="odd", description="worth a look", code="ODD")
                return PluginResult(violation=violation)
            case "raise-plain":
                raise ValueError("boom")
            case "raise-typed":
                raise PluginError(
                    PluginErrorModel(
                        message="typed boom", plugin_name=self.name, code="BOOM", details=args, mcp_error_code=-32050
                    )
                )
            case "throw-violation":
                violation = PluginViolation(reason="no", description="not allowed", code="NO", details=args)
                raise PluginViolationError("denied", violation=violation)
            case "throw-nothing":
                raise PluginViolationError("denied")
            case "answer-nulls":
                return PluginResult(modified_payload=None, violation=None, metadata=None, http_headers=None)
            case "block-with-nulls":
                violation = PluginViolation(reason="no", description="", code="NO", details=None, http_headers=None)
                return PluginResult(continue_processing=False, violation=violation, metadata=None, retry_delay_ms=-5)
            case "delay-below-zero":
                return PluginResult(retry_delay_ms=-5)
            case "remember-and-raise":
                context.state["kept"] = args
                context.global_context.state["trace"] = args
                raise ValueError("boom")
            case "sleep":
                await asyncio.sleep(args["seconds"])
                return PluginResult(metadata={"slept": args["seconds"], "tag": args.get("tag")})
            case "remember":
                context.state["count"] = context.state.get("count", 0) + 1
                context.state["kept"] = args
                context.metadata["note"] = "local"
                context.global_context.state["trace"] = {"by": "guard", "args": args}
                return PluginResult()
            case "forget":
                context.state.clear()
                context.metadata.clear()
                context.global_context.state.clear()
                return PluginResult()
            case "forget-one":
                del context.state["count"]
                context.metadata["note"] = "changed"
                return PluginResult()
            case "witness":
                return PluginResult(metadata={"payload": payload.model_dump(mode="json"), "context": seen_context(context)})
            case "tag":
                await asyncio.sleep(args.get("seconds", 0))
                return PluginResult(modified_payload=payload.model_copy(update={"args": {"answer": args["tag"]}}))
        return PluginResult()

    async def tool_post_invoke(self, payload, context):
        match payload.name:
            case "wrap":
                return PluginResult(modified_payload=type(payload)(name=payload.name, result={"wrapped": payload.result}))
            case "mirror":
                return PluginResult(modified_payload=payload)
            case "recall":
                return PluginResult(metadata=seen_context(context))
            case "block-plain":
                violation = PluginViolation(reason="no", description="not allowed", code="NO")
                return PluginResult(continue_processing=False, violation=violation)
        return PluginResult()

    async def http_pre_request(self, payload, context):
        headers = {**payload.headers.root, "x-path": payload.path}
        return PluginResult(modified_payload=type(payload.headers)(headers))

    async def http_auth_check_permission(self, payload, context):
        from cpex.framework.hooks.http import HttpAuthCheckPermissionResultPayload

        granted = payload.permission != "tools.delete"
        verdict = HttpAuthCheckPermissionResultPayload(granted=granted, reason=payload.permission)
        return PluginResult(modified_payload=verdict)

    async def http_auth_resolve_user(self, payload, context):
        user = {"email": "ada@example.com", "credentials": payload.credentials, "is_admin": False}
        return PluginResult(modified_payload=user)


async def mirror(self, payload, context):
    return PluginResult(modified_payload=payload)


for hook in MIRRORED:
    setattr(Guard, hook, mirror)
