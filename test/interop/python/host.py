"""A host of the Python framework that takes orders as JSON lines on standard input and answers each with one line."""

import asyncio
import json
import logging
import sys
import traceback
import warnings

import cpex.framework.hooks.identity  # noqa: F401  registers its hooks, which nothing else does
import cpex.framework.hooks.message  # noqa: F401  the same
from cpex.framework import GlobalContext, PluginContext
from cpex.framework.errors import PluginError, PluginViolationError
from cpex.framework.external.mcp.client import ExternalPlugin
from cpex.framework.hooks.registry import get_hook_registry
from cpex.framework.manager import TenantPluginManager

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")


class Manager:
    """Opens and closes in one task, because the connections' scopes may not be left by another one."""

    def __init__(self, config, timeout):
        self.manager = TenantPluginManager(config, timeout=timeout)
        self.contexts = {}
        self.opened = asyncio.get_running_loop().create_future()
        self.stop = asyncio.Event()
        self.task = asyncio.create_task(self.live())

    async def live(self):
        try:
            await self.manager.initialize()
            self.opened.set_result(None)
        except BaseException as error:
            self.opened.set_exception(RuntimeError("; ".join(causes(await behind(error)))))
            return
        await self.stop.wait()
        await self.manager.shutdown()

    async def close(self):
        self.stop.set()
        await self.task


async def behind(error):
    """What ended a connection under way. Their client over HTTP tells no more than that a scope was cancelled."""
    frames = [frame.f_locals.get("self") for frame, _ in traceback.walk_tb(error.__traceback__)]
    for plugin in frames:
        if isinstance(error, asyncio.CancelledError) and isinstance(plugin, ExternalPlugin):
            try:
                await plugin._exit_stack.__aexit__(type(error), error, error.__traceback__)
            except BaseException as cause:
                return cause
    return error


def causes(error):
    if isinstance(error, BaseExceptionGroup):
        return [text for inner in error.exceptions for text in causes(inner)]
    return [f"{type(error).__name__}: {error}"]


managers = {}


def failure(error):
    if isinstance(error, PluginError):
        return {"error": error.error.model_dump(mode="json")}
    if isinstance(error, PluginViolationError):
        return {"error": {"message": str(error)}}
    return {"error": {"message": str(error), "kind": type(error).__name__}}


def plain(result):
    dumped = result.model_dump(mode="json")
    if result.violation is not None:
        dumped["violation"]["plugin_name"] = result.violation.plugin_name
    return dumped


def left(context):
    return {"state": context.state, "metadata": context.metadata, "global_state": context.global_context.state}


async def on_plugin(order, host):
    context = PluginContext.model_validate(order["context"])
    try:
        result = await host.manager.invoke_hook_for_plugin(
            order["plugin"], order["hook"], order["payload"], context, payload_as_json=True
        )
        return {"result": plain(result), "context": left(context)}
    except Exception as error:
        return {**failure(error), "context": left(context)}


async def on_chain(order, host):
    shared = GlobalContext.model_validate(order["context"]["global_context"])
    try:
        payload = get_hook_registry().get_payload_type(order["hook"]).model_validate(order["payload"])
        result, contexts = await host.manager.invoke_hook(
            order["hook"], payload, shared, host.contexts.get(order.get("contexts"))
        )
        if order.get("contexts"):
            host.contexts[order["contexts"]] = contexts
        return {"result": plain(result), "context": {"global_state": shared.state}}
    except Exception as error:
        return {**failure(error), "context": {"global_state": shared.state}}


async def obey(order):
    op = order["op"]
    if op == "open":
        host = Manager(order["config"], order.get("timeout", 30))
        await host.opened
        managers[order["manager"]] = host
        return {"plugins": [ref.plugin.config.model_dump(mode="json") for ref in host.manager._registry.get_all_plugins()]}
    host = managers[order["manager"]]
    if op == "close":
        await host.close()
        del managers[order["manager"]]
        return {}
    return await (on_plugin if op == "plugin" else on_chain)(order, host)


async def answer(order):
    try:
        given = await obey(order)
    except BaseException as error:
        given = {"failed": f"{type(error).__name__}: {error}"}
    sys.stdout.write(json.dumps({"id": order["id"], **given}, default=str) + "\n")
    sys.stdout.flush()


async def main():
    reader = asyncio.StreamReader(limit=2**26)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    tasks = set()
    while line := await reader.readline():
        task = asyncio.create_task(answer(json.loads(line)))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    for host in managers.values():
        await host.close()


asyncio.run(main())
