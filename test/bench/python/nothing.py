"""Plugins that do next to nothing, for the Python framework."""

import asyncio

from cpex.framework import Plugin, PluginResult


class Nothing(Plugin):
    async def tool_pre_invoke(self, payload, context):
        return PluginResult(continue_processing=True)


class Answering(Plugin):
    async def tool_pre_invoke(self, payload, context):
        return PluginResult(continue_processing=True, metadata={"call": payload.args["call"]})


class Waiting(Plugin):
    async def tool_pre_invoke(self, payload, context):
        await asyncio.sleep(0.001)
        return PluginResult(continue_processing=True, metadata={"call": payload.args["call"]})
