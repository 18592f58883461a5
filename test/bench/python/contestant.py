"""A host of the Python framework that times itself: each order on standard input is answered with microseconds."""

import asyncio
import json
import logging
import statistics
import sys
import time
import warnings

from cpex.framework import GlobalContext
from cpex.framework.hooks.tools import ToolPreInvokePayload
from cpex.framework.manager import TenantPluginManager

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")

order = json.loads(sys.argv[1])
HOOK = "tool_pre_invoke"


async def main():
    manager = TenantPluginManager(order["config"], timeout=30)
    await manager.initialize()
    assert manager.plugin_count == order["plugins"]
    calls = 1_000_000

    async def call():
        nonlocal calls
        calls += 1
        number = calls
        payload = ToolPreInvokePayload(name="echo", args={"message": f"hello {number}", "call": number})
        context = GlobalContext(request_id=f"request-{number}", user="ada@example.org", tenant_id="acme")
        result, _ = await manager.invoke_hook(HOOK, payload, context)
        assert result.metadata["call"] == number

    async def one_by_one(count):
        times = []
        for _ in range(count):
            started = time.perf_counter()
            await call()
            times.append(time.perf_counter() - started)
        return statistics.median(times) * 1e6

    async def in_flight(count):
        left = count

        async def worker():
            nonlocal left
            while left > 0:
                left -= 1
                await call()

        started = time.perf_counter()
        await asyncio.gather(*(worker() for _ in range(64)))
        return (time.perf_counter() - started) / count * 1e6

    runs = {"single": one_by_one, "in_flight": in_flight}
    print("ready", flush=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        kind, count = line.split()
        print(await runs[kind](int(count)), flush=True)
    await manager.shutdown()


asyncio.run(main())
