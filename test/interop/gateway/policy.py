"""Answers, line by line, what the policy class and the identity middleware of agent-mcp-gateway make of rules."""

import asyncio
import fnmatch
import json
import logging
import os
import sys
import warnings
from types import SimpleNamespace

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

# It opens a log file in the folder of the package, and the working directory must not hide its package `src`.
sys.path = [path for path in sys.path if path not in ("", os.getcwd(), os.path.dirname(os.path.abspath(__file__)))]

from fastmcp.exceptions import ToolError  # noqa: E402
from src import gateway  # noqa: E402
from src.config import validate_gateway_rules, validate_rules_against_servers  # noqa: E402
from src.middleware import AgentAccessControl  # noqa: E402
from src.policy import PolicyEngine  # noqa: E402


def decisions(engine, questions):
    for agent, server, tool in questions:
        yield engine.can_access_server(agent, server) if tool is None else engine.can_access_tool(agent, server, tool)


async def identity(engine, claimed, fallback):
    gateway._default_agent_id = fallback
    call = SimpleNamespace(message=SimpleNamespace(arguments={"agent_id": claimed}), fastmcp_context=None)

    async def tool(context):
        return context.message.arguments["agent_id"]

    try:
        return {"agent": await AgentAccessControl(engine).on_call_tool(call, tool)}
    except ToolError as error:
        return {"error": str(error)}


def answer(order):
    if "patterns" in order:
        return [fnmatch.fnmatchcase(name, pattern) for name, pattern in order["patterns"]]
    rules = order["rules"]
    valid, error = validate_gateway_rules(rules)
    if not valid:
        return {"refused": error}
    engine = PolicyEngine(rules)
    return {
        "decisions": list(decisions(engine, order["questions"])),
        "listed": [engine.get_allowed_servers(agent) for agent in order["agents"]],
        "agents": [asyncio.run(identity(engine, *claim)) for claim in order["claims"]],
        "warnings": len(validate_rules_against_servers(rules, {"mcpServers": dict.fromkeys(order["servers"])})),
    }


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
