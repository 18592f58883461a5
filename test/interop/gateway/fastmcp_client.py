"""FastMCP's client. Takes an order as a JSON line, connects, takes the steps, and prints a JSON line for each."""

import asyncio
import json
import logging
import sys
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

from fastmcp import Client  # noqa: E402
from fastmcp.client.transports import StdioTransport, StreamableHttpTransport  # noqa: E402


def plain(value):
    return value.model_dump(mode="json", by_alias=True, exclude_none=True) if hasattr(value, "model_dump") else value


def transport(target):
    if "url" in target:
        headers = {"Authorization": f"Bearer {target['token']}"} if "token" in target else {}
        return StreamableHttpTransport(target["url"], headers=headers)
    return StdioTransport(target["command"], target["args"], env=target["env"], keep_alive=False)


async def step(client, kind, *args):
    if kind == "tools":
        return [tool.name for tool in await client.list_tools()]
    if kind == "prompts":
        return [prompt.name for prompt in await client.list_prompts()]
    if kind == "resources":
        return [str(resource.uri) for resource in await client.list_resources()]
    if kind == "prompt":
        return [plain(message) for message in (await client.get_prompt(*args)).messages]
    if kind == "read":
        return [plain(content) for content in await client.read_resource(*args)]
    if kind != "call":
        raise ValueError(f"unknown step {kind}")
    heard = []

    async def progress(done, total, message):
        heard.append([done, total, message])

    result = await client.call_tool(*args, progress_handler=progress, raise_on_error=False)
    return {
        "content": [plain(content) for content in result.content],
        "structured": result.structured_content,
        "isError": result.is_error,
        "progress": heard,
    }


async def main():
    order = json.loads(sys.stdin.readline())
    asked = []

    async def elicit(message, response_type, params, context):
        asked.append(message)
        return response_type(**order["answer"])

    client = Client(transport(order["target"]), elicitation_handler=elicit)
    async with client:
        # The older one knows no other way than the handshake.
        mode = getattr(client, "mode", "legacy")
        print(json.dumps({"mode": mode, "version": plain(client.initialize_result)["protocolVersion"]}), flush=True)
        for kind, *args in order["steps"]:
            try:
                answer = {"result": await step(client, kind, *args)}
            except Exception as error:
                answer = {"error": str(error)}
            print(json.dumps({**answer, "asked": asked[:]}), flush=True)
            asked.clear()


try:
    asyncio.run(main())
except Exception as error:
    print(json.dumps({"failed": str(error) or repr(error)}), flush=True)
