import type { HookMeasure, HookMeter, PluginMeasure } from '../observability/hook-meter.js';
import type { ExecutionRun } from './execution-log.js';
import type { InvocationObserver, InvocationTrace } from './invocation-trace.js';

const decisions = {
  passed: 'allow',
  modified: 'modify',
  blocked: 'deny',
  failed: 'error',
  timedOut: 'timeout',
  aborted: 'cancel',
} as const satisfies Readonly<Record<string, HookMeasure['decision']>>;

const backgroundStatuses = {
  completed: 'ok',
  failed: 'error',
  timed_out: 'timeout',
  aborted: 'cancelled',
} as const satisfies Readonly<Record<string, PluginMeasure['status']>>;

/** Measures invocations, and the plugins in them, when they have ended. */
export function measuring(meter: HookMeter): InvocationObserver {
  return {
    began: () => {},
    expired: () => {},
    ended: (trace) => {
      if (trace.end === undefined) return;
      const { at, kind } = trace.end;
      const hook = trace.chain.hook.name;
      meter.hookEnded({ hook, decision: decisions[kind], seconds: (at - trace.beganAt) / 1000 });
      for (const [index, run] of trace.executions.runs.entries()) {
        const plugin = trace.steps[index]?.plugin.name;
        if (plugin === undefined) continue;
        const status = statusOf(run, isCutShort(trace, index));
        const seconds = ((run.endedAt ?? at) - run.startedAt) / 1000;
        meter.pluginEnded({ hook, plugin, status, seconds, violationCode: codeIn(run) });
      }
    },
    inBackground: () => {},
    endedInBackground: ({ chain, background }, index, { status: end, durationMs }, denial) => {
      const plugin = background[index]?.plugin.name;
      if (plugin === undefined) return;
      const status = denial === undefined ? backgroundStatuses[end] : 'violation';
      const seconds = durationMs / 1000;
      meter.pluginEnded({ hook: chain.hook.name, plugin, status, seconds, violationCode: denial?.code });
    },
  };
}

/** The plugin that had its turn when the invocation was cancelled: it has no end of its own. */
function isCutShort({ end, executions, steps, sideBySide }: InvocationTrace, index: number): boolean {
  return end?.kind === 'aborted' && index === executions.started - 1 && index < steps.length - sideBySide;
}

function statusOf({ end, isGivenUp }: ExecutionRun, wasCutShort: boolean): PluginMeasure['status'] {
  if (isGivenUp) return 'cancelled';
  if (end === undefined) return wasCutShort ? 'cancelled' : 'ok';
  if (end.kind === 'answer') return end.asksToDeny ? 'violation' : 'ok';
  if (end.kind === 'violation') return 'violation';
  return end.error.code === 'PLUGIN_TIMEOUT' ? 'timeout' : 'error';
}

function codeIn({ end }: ExecutionRun): string | undefined {
  return end === undefined || end.kind === 'error' ? undefined : end.violation?.code;
}
