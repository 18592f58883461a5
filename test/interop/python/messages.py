"""The suite's plugin on messages and identities; `../plugins/messages.js` does the same."""

from cpex.framework import Plugin, PluginResult, PluginViolation
from cpex.framework.cmf.message import Channel, ContentType, TextContent
from cpex.framework.decorator import hook
from cpex.framework.extensions.security import SubjectExtension
from cpex.framework.hooks.identity import (
    DelegationPayload,
    DelegationResult,
    IdentityPayload,
    IdentityResolveResult,
    IdentityResult,
    TokenDelegateResult,
)
from cpex.framework.hooks.message import MessagePayload, MessageResult


class Messages(Plugin):
    @hook("evaluate", MessagePayload, MessageResult)
    async def evaluate_message(self, payload, context):
        return self.judge(payload)

    @hook("cmf.llm_input", MessagePayload, MessageResult)
    async def llm_input(self, payload, context):
        return self.judge(payload)

    @hook("cmf.tool_pre_invoke", MessagePayload, MessageResult)
    async def tool_pre_invoke(self, payload, context):
        return self.judge(payload)

    def judge(self, payload):
        message = payload.message
        for part in message.content:
            if part.content_type == ContentType.TOOL_CALL and part.content.name == "forbidden":
                violation = PluginViolation(reason="no", description=part.content.name, code="NO", details={})
                return PluginResult(continue_processing=False, violation=violation)
        content = [*message.content, TextContent(text=f"seen at {payload.hook.value}")]
        changed = message.model_copy(update={"content": content, "channel": Channel.FINAL})
        return PluginResult(modified_payload=payload.model_copy(update={"message": changed}), metadata={"parts": len(content)})

    @hook("identity_resolve", IdentityPayload, IdentityResolveResult)
    async def resolve(self, payload, context):
        token = payload.raw_token.get_secret_value()
        if token == "expired":
            return PluginResult(modified_payload=IdentityResult(rejected=True, reject_status=403, reject_reason="expired"))
        subject = SubjectExtension(id=payload.headers["Who"], type="user", roles={"reader"}, claims={"someKey": token})
        return PluginResult(modified_payload=IdentityResult(subject=subject, raw_claims={"aKey": payload.client_port}))

    @hook("token_delegate", DelegationPayload, TokenDelegateResult)
    async def delegate(self, payload, context):
        token = payload.bearer_token.get_secret_value()
        scopes = payload.route_attenuation.capabilities if payload.route_attenuation else []
        result = DelegationResult(
            delegated_token=f"{token} for {payload.target_name}",
            forwarded_headers={"X-Scopes": ",".join(scopes)},
            delegation_update={"origin_subject_id": "alice", "delegated": True, "depth": 1},
            cache_ttl=60,
        )
        return PluginResult(modified_payload=result)
