"""Asks one plugin of theirs after another, as a manager of its framework runs it: one order a line, one answer a line.

An order: {"kind", "config", "hooks", "calls": [{"hook", "payload", "context"?, "request"?, "extensions"?, "at"?, "resource"?, "span"?}]}. `context`
are fields of the global context; calls with the same `request` are hooks of one request and share their contexts. `at` is what
Python's clock says then, in seconds since 1970; what is not Python has a clock of its own. An answer: {"results": [...]}.
`span` is what is active around the call, "recording", "not recording" or "none": its result has the "spans" that were written.
"""

import asyncio
import contextlib
import importlib
import json
import logging
import os
import re
import sys
import time
import warnings

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")
# What a plugin prints must not come between the answers.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

import recorded_spans  # noqa: E402
from frameworks import framework, hooks, manager, models  # noqa: E402


def plain(result):
    dumped = result.model_dump(mode="json")
    if result.violation is not None:
        dumped["violation"]["plugin_name"] = result.violation.plugin_name
    return dumped


real_time = time.time


def set_time(seconds):
    time.time = lambda: seconds


async def call(plugins, order, contexts, index):
    if "at" in order:
        set_time(order["at"])
    request = order.get("request", f"call-{index}")
    shared = models.GlobalContext.model_validate({"request_id": request, **order.get("context", {})})
    payload = hooks.get_payload_type(order["hook"]).model_validate(order["payload"])
    if order.get("resource"):
        # Their gateway hands the content of a resource over as an object, and their plugins look at nothing else.
        resource = importlib.import_module("mcpgateway.common.models").ResourceContent
        payload = payload.model_copy(update={"content": resource.model_validate(payload.content)})
    more = {}
    if "extensions" in order:
        extensions = importlib.import_module(f"{framework.__name__}.extensions").Extensions
        more["extensions"] = extensions.model_validate(order["extensions"])
    spans = []
    around = recorded_spans.recorded(order["span"], spans) if "span" in order else contextlib.nullcontext()
    written_spans = {"spans": spans} if "span" in order else {}
    try:
        with around:
            result, contexts[request] = await plugins.invoke_hook(
                order["hook"], payload, shared, contexts.get(request), **more
            )
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}
    return {"result": plain(result), "state": shared.state, "metadata": shared.metadata, **written_spans}


def written(order):
    entry = {
        "name": "Theirs",
        "kind": order["kind"],
        "hooks": order["hooks"],
        "mode": order.get("mode", "enforce"),
        "priority": 10,
        "config": order.get("config", {}),
    }
    return {
        "plugins": [entry],
        "plugin_dirs": [],
        "plugin_settings": {"plugin_timeout": 30, "fail_on_plugin_error": True, "enable_plugin_api": False},
    }


# What YAML takes for a line break, for no character, or for half of one.
unreadable = re.compile("[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


def as_yaml(entries):
    """JSON that YAML reads alike: two escapes of one character would be two halves there."""
    text = json.dumps(entries, ensure_ascii=False)
    return unreadable.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


async def ask(order):
    path = f"{os.environ['GATECHART_FOLDER']}/theirs.yaml"
    with open(path, "w", encoding="utf-8") as file:
        file.write(as_yaml(written(order)))
    # Managers of one process share what they know; a plugin is asked once that is forgotten.
    manager.PluginManager.reset()
    plugins = manager.PluginManager(path)
    await plugins.initialize()
    try:
        contexts = {}
        return {"results": [await call(plugins, each, contexts, index) for index, each in enumerate(order["calls"])]}
    finally:
        time.time = real_time
        await plugins.shutdown()


async def main():
    for line in sys.stdin:
        try:
            answer = await ask(json.loads(line))
        except BaseException as error:
            answer = {"failed": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer, default=str) + "\n")
        answers.flush()


asyncio.run(main())
