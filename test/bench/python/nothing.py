"""A plugin that does nothing, for the Python framework."""

from cpex.framework import Plugin, PluginResult


class Nothing(Plugin):
    async def tool_pre_invoke(self, payload, context):
        return PluginResult(continue_processing=True)
