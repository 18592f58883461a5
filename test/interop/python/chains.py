"""Runs generated chains: one a line on standard input, in JSON, and one line of outcomes for each."""

import asyncio
import contextlib
import dataclasses
import json
import logging
import sys
import time
import warnings

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")

from executor import Executor, settle, stop  # noqa: E402
from frameworks import errors, hooks, manager, models, observability, package, policies  # noqa: E402
from scripted import emulation, milliseconds, now, plain, visible, with_one_entry  # noqa: E402
from virtual_time import VirtualLoop  # noqa: E402


class Spans:
    """The span of the last hook, as both generations report it."""

    def __init__(self):
        self.last = None

    def start(self, name, attributes):
        if name == "plugin.hook.invoke":
            self.last = dict(attributes)

    # The provider of cpex.
    def start_span(self, trace_id, name, attributes=None, **_):
        self.start(name, attributes)
        return name

    def end_span(self, span_id, status="ok", attributes=None, **_):
        if span_id == "plugin.hook.invoke" and self.last is not None:
            self.last.update(attributes or {})

    # What 1.0.0 calls instead.
    @contextlib.contextmanager
    def create_span(self, name, attributes=None):
        self.start(name, attributes)
        yield self if name == "plugin.hook.invoke" else None

    def set_attribute(self, name, value):
        self.last[name] = value

    def take(self):
        taken, self.last = self.last, None
        return taken and {
            "length": taken["plugin.chain.length"],
            "executed": taken.get("plugin.executed_count"),
            "skipped": taken.get("plugin.skipped_count"),
            "stopped_by": taken.get("plugin.chain.stopped_by") or None,
        }


class Settings:
    """The settings of the framework, with the limit that a chain asks for."""

    def __init__(self, given):
        self.given = given
        self.execution_pool = 10

    def __getattr__(self, name):
        return getattr(self.given, name)


class Clock:
    """What the framework measures durations with: the time of the loop."""

    def __getattr__(self, name):
        return getattr(time, name)

    def monotonic_ns(self):
        return round(asyncio.get_running_loop().time() * 1e9)


manager.time = Clock()
settings = manager.settings = Settings(manager.settings)
spans = Spans()
if hasattr(manager, "create_span"):
    manager.create_span = spans.create_span
else:
    observability.current_trace_id.set("trace")


def answered(result):
    dumped = {
        "continue_processing": result.continue_processing,
        "modified_payload": plain(result.modified_payload),
        "violation": None,
        "metadata": plain(result.metadata),
        "http_headers": result.http_headers,
        "retry_delay_ms": result.retry_delay_ms,
    }
    if result.violation is not None:
        dumped["violation"] = violated(result.violation)
    return {"result": dumped, "executions": executed(result)}


def executed(told):
    """The records of an answer or an exception; none where the framework has none."""
    return [recorded(record) for record in getattr(told, "executions", None) or []]


def recorded(record):
    dumped = record.model_dump(mode="json", exclude={"plugin_id", "duration_ns"})
    return {**dumped, "duration_ms": round(record.duration_ns / 1e6)}


def denied(error):
    outcome = getattr(error, "denial_outcome", None)
    if outcome is None:
        return None
    dumped = {field.name: getattr(outcome, field.name) for field in dataclasses.fields(outcome)}
    execution = dataclasses.asdict(outcome.execution)
    del execution["plugin_id"], execution["duration_ns"]
    return {**dumped, "execution": execution, "metadata": dict(outcome.metadata)}


def violated(violation):
    return {**violation.model_dump(mode="json"), "plugin_name": violation.plugin_name}


def raised(error):
    if isinstance(error, errors.PluginError):
        return {"raised": "error", **error.error.model_dump(mode="json")}
    if isinstance(error, errors.PluginViolationError):
        told = {"violation": error.violation and violated(error.violation), "executions": executed(error)}
        told["denial"] = denied(error)
        return {"raised": "violation", "message": error.message, **told}
    return {"raised": "other", "message": f"{type(error).__name__}: {error}"}


async def start(chain):
    config = models.Config(plugins=chain["plugins"], plugin_dirs=[], plugin_settings={"fail_on_plugin_error": chain["fail_on_plugin_error"]})
    writable = {
        hook: policies.HookPayloadPolicy(writable_fields=frozenset(fields)) for hook, fields in chain["policies"].items()
    }
    settings.execution_pool = chain["execution_pool"]
    host = manager.TenantPluginManager(config, timeout=chain["timeout"], hook_policies=writable)
    if package == "cpex.framework":
        host.executor = Executor(config, chain["timeout"], observability=spans, hook_policies=writable)
    host.executor.default_hook_policy = policies.DefaultHookPolicy(chain["default_policy"])
    await host.initialize()
    return host


async def run(chain):
    emulation.update(chain["emulation"])
    now["acts"] = chain["acts"]
    host = await start(chain)
    try:
        return await request(host, chain)
    finally:
        await stop()
        await host.shutdown()


async def request(host, chain):
    shared = models.GlobalContext.model_validate(chain["context"])
    table = {}
    outcomes = []
    for index, call in enumerate(chain["calls"]):
        now.update(call=index, seen=[], order=[], since=asyncio.get_running_loop().time())
        spans.take()
        payload = hooks.get_payload_type(call["hook"]).model_validate(with_one_entry(call["payload"]))
        try:
            if call.get("plugin") is not None:
                outcome = await by_name(host, call, payload, shared)
            else:
                result, left = await patient(
                    host.invoke_hook(call["hook"], payload, shared, table or None, call["violations_as_exceptions"]),
                    call.get("cancel_after"),
                )
                table = {**table, **(left or {})} if emulation["keeps"] else left or {}
                outcome = answered(result)
        except asyncio.CancelledError:
            outcome = {"raised": "cancelled"}
        except Exception as error:
            outcome = raised(error)
        outcome["answered_at"] = milliseconds()
        outcome["global_state"] = visible(shared.state)
        outcome["global_metadata"] = visible(shared.metadata)
        span = spans.take()
        background = await settle()
        # Nobody is given it with an exception.
        outcome["background"] = [] if "raised" in outcome else background
        outcome["seen"], outcome["order"] = list(now["seen"]), list(now["order"])
        if "raised" not in outcome:
            if call.get("plugin") is None:
                outcome["span"] = span
            outcome["notes"] = [notes(context) for context in table.values()]
        outcomes.append(outcome)
        if "raised" in outcome and call.get("plugin") is None:
            break
    return outcomes


async def patient(invocation, milliseconds):
    """Waits for an answer, as long as its caller does."""
    task = asyncio.create_task(invocation)
    if milliseconds is not None:
        asyncio.get_running_loop().call_later(milliseconds / 1000, task.cancel)
    return await task


async def by_name(host, call, payload, shared):
    local = models.PluginContext(global_context=shared, **call["local"])
    try:
        outcome = answered(await host.invoke_hook_for_plugin(call["plugin"], call["hook"], payload, local))
    except Exception as error:
        outcome = raised(error)
    return {**outcome, "local": notes(local)}


def notes(context):
    return {"state": visible(context.state), "metadata": visible(context.metadata)}


def main():
    loop = VirtualLoop()
    for line in sys.stdin:
        try:
            answer = {"outcomes": loop.run_until_complete(run(json.loads(line)))}
        except Exception as error:
            answer = {"failed": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


main()
