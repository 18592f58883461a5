"""The executor of cpex with single ways of the other implementation, where `../chains/python-chains.ts` asks for them."""

import asyncio
import copy

from frameworks import errors, framework, manager, models
from scripted import DELETED, emulation, same_leaf

# All that outlives an answer, until it is waited for.
background = []


def changes(base, record):
    """What a plugin wrote: where it wrote what was there, nothing."""
    return {key: value for key, value in record.items() if unlike(base.get(key, DELETED), value)}


def unlike(earlier, later):
    return earlier is not later and not same_leaf(earlier, later)


def is_denial(error):
    """A block that is raised, and not what a plugin threw."""
    return getattr(error, "_denial_metadata", None) is not None


class Branch:
    """A concurrent plugin whose writes wait for the end of its phase."""

    def __init__(self, context):
        self.context = context
        self.state = dict(context.global_context.state)
        self.metadata = dict(context.global_context.metadata)
        self.answered = {}
        self.has_answered = False

    def merge(self, shared, combined):
        if not self.has_answered:
            return
        mine = self.context.global_context
        shared.state.update(changes(self.state, mine.state))
        shared.metadata.update(changes(self.metadata, mine.metadata))
        if combined is not None:
            combined.update(self.answered)


class Executor(manager.PluginExecutor):
    branches = {}
    waiting = {}

    async def execute(self, hook_refs, payload, shared, hook_type, table=None, raises=False, extensions=None):
        self.branches = {}
        self.has_ended = False
        self.waiting = {}
        self.tasks = []
        self.afterwards = []
        self.earlier = table or {}
        self.shared = shared
        self.combined = None
        self.decided = payload
        try:
            return await super().execute(hook_refs, payload, shared, hook_type, table, raises, extensions=extensions)
        except errors.PluginViolationError as error:
            if not is_denial(error):
                self.branches = {}
            self.merge_branches()
            if emulation["afterwards"]:
                more = {"hook_type": hook_type, "executions": error.executions}
                self._fire_and_forget_tasks(self.afterwards, payload, shared, {}, self.semaphore(), **more)
            raise
        except (errors.PluginError, asyncio.CancelledError):
            if emulation["aborts"]:
                for task in self.tasks:
                    task.cancel()
                await asyncio.gather(*self.tasks, return_exceptions=True)
            raise

    def semaphore(self):
        pool = manager.settings.execution_pool
        return asyncio.Semaphore(pool) if pool else None

    def _group_by_mode(self, *args):
        groups = super()._group_by_mode(*args)
        self.afterwards = groups[-1]
        return groups

    def _prepare_plugin_context(self, hook_ref, shared, *args):
        context = super()._prepare_plugin_context(hook_ref, shared, *args)
        self.waiting[shared.request_id + hook_ref.plugin_ref.uuid] = context
        return context

    async def _run_serial_phase(self, *args, **more):
        self.combined = more["combined_metadata"]
        return await super()._run_serial_phase(*args, **more)

    def _apply_payload_modification(self, *args, **more):
        current, decider = super()._apply_payload_modification(*args, **more)
        if current is not None:
            self.decided = current
        return current, decider

    def _tagged(self, coro, tag):
        async def run():
            self.tasks.append(asyncio.current_task())
            return await manager.PluginExecutor._tagged(coro, tag)

        return run()

    async def execute_plugin(self, hook_ref, payload, context, raises, shared=None, combined=None, extensions=None):
        run = super().execute_plugin
        self.waiting.pop(shared and shared.request_id + hook_ref.plugin_ref.uuid, None)
        if shared is None or hook_ref.plugin_ref.mode != models.PluginMode.CONCURRENT:
            return await run(hook_ref, payload, context, raises, shared, combined, extensions)
        if emulation["merges"]:
            branch = self.branches[id(context)] = Branch(context)
            shared, combined = None, branch.answered
        try:
            result = await run(hook_ref, payload, context, raises, shared, combined, extensions)
        except (errors.PluginError, errors.PluginViolationError):
            self.has_ended = True
            raise
        self.has_ended = self.has_ended or not result.continue_processing
        return result

    async def _with_semaphore(self, semaphore, coro):
        async with semaphore:
            if self.has_ended and emulation["turns"]:
                coro.close()
                await asyncio.Event().wait()
            return await coro

    async def _execute_with_timeout(self, hook_ref, payload, context, extensions=None):
        result = await super()._execute_with_timeout(hook_ref, payload, context, extensions)
        branch = self.branches.get(id(context))
        if branch is not None:
            branch.has_answered = isinstance(result, framework.PluginResult)
        return result

    def merge_branches(self):
        for branch in self.branches.values():
            branch.merge(self.shared, self.combined)
        self.branches = {}

    def _fire_and_forget_tasks(self, refs, payload, shared, table, *args, **more):
        self.merge_branches()
        for key in self.waiting if emulation["turns"] else ():
            table.pop(key, None)
        tasks = super()._fire_and_forget_tasks(
            refs, self.decided if emulation["final"] else payload, shared, table, *args, **more
        )
        background.extend(zip((ref.plugin_ref.name for ref in refs), tasks))
        if emulation["notes"]:
            for ref in refs:
                key = shared.request_id + ref.plugin_ref.uuid
                context, kept = table.pop(key), self.earlier.get(key)
                if kept is not None:
                    table[key] = kept
                    context.state = copy.deepcopy(kept.state)
                    context.metadata = copy.deepcopy(kept.metadata)
        return tasks


async def settle():
    """Waits for what goes on after an answer, and says how it ended."""
    tasks, background[:] = list(background), []
    return [ended(name, await task) for name, task in tasks]


def ended(name, error):
    if error is None:
        return f"{name} completed"
    return f"{name} {'timed_out' if error.message.startswith('TimeoutError') else 'failed'}"


async def stop():
    """Ends what is left of a request."""
    background.clear()
    left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
