import { transportOf } from '../../../../config/sections/transports.js';
import type { ExecutionRun } from '../../../../invocation/execution-log.js';
import type { ChainStep } from '../../../../invocation/hook-chain.js';
import type { InvocationTrace } from '../../../../invocation/invocation-trace.js';
import type { StepDetail, StepStatus } from '../../feed/feed-invocations.js';
import { rounded } from '../model/latencies.js';
import { knownKeysOf, type KnownKeys } from '../redaction/known-keys.js';
import { payloadDiff } from '../redaction/payload-diff.js';
import { shownError } from '../redaction/shown-errors.js';
import { shownName } from '../redaction/shown-text.js';
import type { ValueView } from '../redaction/value-view.js';
import type { KeptInvocation } from './kept-invocation.js';

/** The phases by their numbers. */
const phases = ['sequential', 'transform', 'audit', 'concurrent', 'background'] as const;

export function phaseOf(phase: number): string {
  return phases[phase] ?? 'sequential';
}

export interface DetailDependencies {
  readonly view: ValueView;
  readonly timeOf: (onClock: number) => number;
  /** File and line of a plugin's entry. */
  readonly sourceOf: (plugin: string) => string | undefined;
  /** Id of the actor of a plugin's connection, where it has one. */
  readonly connectionOf: (plugin: string) => string | undefined;
  /** Keys that a tool's own schema names. */
  readonly toolKeysOf: (server: string, tool: string) => readonly string[];
}

/** How each plugin of a chain did, in the order of the chain, those that did not run included. */
export function stepStates(
  trace: InvocationTrace,
): readonly { readonly step: ChainStep; readonly status: StepStatus; readonly run: ExecutionRun | undefined }[] {
  const { chain, steps, background, disabled } = trace;
  const { runs } = trace.executions;
  const places = new Map(steps.map((step, index) => [step, index]));
  const passedOver = (step: ChainStep): StepStatus => (disabled?.includes(step) === true ? 'disabled' : 'skipped');
  const inChain = chain.steps.map((step) => {
    const index = places.get(step);
    const run = index === undefined ? undefined : runs[index];
    const status =
      index === undefined ? passedOver(step) : run === undefined ? 'notReached' : statusOf(trace, step, index, run);
    return { step, status, run };
  });
  const afterwards = chain.background.map((step) => {
    const index = background.indexOf(step);
    return { step, status: index < 0 ? passedOver(step) : backgroundStatus(trace, index), run: undefined };
  });
  return [...inChain, ...afterwards];
}

function statusOf({ end }: InvocationTrace, { plugin }: ChainStep, index: number, run: ExecutionRun): StepStatus {
  if (run.isGivenUp) return 'aborted';
  const decides = end?.stoppedBy === index;
  if (run.end === undefined) {
    if (run.endedAt === undefined) return 'running';
    // Of those in turn that were cut off nothing is written down but that the chain ended with them.
    return end?.kind === 'aborted' && run.endedAt === end.at ? 'aborted' : 'passed';
  }
  switch (run.end.kind) {
    case 'violation':
      return 'blocked';
    case 'error':
      return run.end.error.code === 'PLUGIN_TIMEOUT' ? 'timedOut' : 'failed';
    case 'answer':
      if (run.end.asksToDeny && (decides || plugin.rights.mayBlock)) return 'blocked';
      return run.end.payloadModified ? 'modified' : 'passed';
  }
}

function backgroundStatus({ backgroundRuns, end }: InvocationTrace, index: number): StepStatus {
  const run = backgroundRuns?.[index];
  // They begin right after the answer.
  if (run === undefined) return end?.error === undefined ? 'background' : 'notReached';
  switch (run.status) {
    case 'failed':
      return 'failed';
    case 'timed_out':
      return 'timedOut';
    case 'aborted':
      return 'aborted';
    case 'completed':
    case undefined:
      return 'background';
  }
}

/** The same as the panel of an invocation shows it. */
export function stepDetails(
  kept: KeptInvocation,
  known: KnownKeys,
  maskedAt: string | undefined,
  dependencies: DetailDependencies,
): StepDetail[] {
  const { trace } = kept;
  const { view, timeOf } = dependencies;
  return stepStates(trace).map(({ step, status, run }): StepDetail => {
    const { plugin, timeoutMs } = step;
    const place = trace.background.indexOf(step);
    const after = place < 0 ? undefined : trace.backgroundRuns?.[place];
    const startedAt = run?.startedAt ?? after?.startedAt;
    const ms =
      run === undefined
        ? after?.status === undefined
          ? undefined
          : after.durationMs
        : run.endedAt === undefined
          ? undefined
          : run.endedAt - run.startedAt;
    const change = trace.changes?.find(({ index }) => trace.steps[index] === step);
    const thrown = run?.end?.kind === 'error' ? run.end.error : after?.error;
    const why = status === 'skipped' ? kept.whySkipped(step) : wouldBlock(run, status);
    const version = plugin.config.version;
    const source = dependencies.sourceOf(plugin.name);
    const transport = plugin.config.kind === 'external' ? transportOf(plugin.config)?.kind : undefined;
    const connection = transport === undefined ? undefined : dependencies.connectionOf(plugin.name);
    const outstanding = kept.outstanding.get(step);
    return {
      p: shownName(plugin.name),
      phase: phaseOf(plugin.rights.phase),
      status,
      mode: plugin.rights.mode,
      deadlineMs: timeoutMs,
      ...(startedAt !== undefined && { t: rounded(startedAt - trace.beganAt) }),
      ...(ms !== undefined && { ms: rounded(ms) }),
      ...(why !== undefined && { why }),
      ...(change !== undefined && { diff: payloadDiff(change.before, change.after, { view, known, maskedAt }) }),
      ...(thrown !== undefined && {
        error: shownError(thrown, rounded(timeOf((startedAt ?? trace.beganAt) + (ms ?? 0))), view),
      }),
      ...(version !== undefined && { version: shownName(version) }),
      ...(source !== undefined && { source }),
      ...(transport !== undefined && { wire: transport === 'unixSocket' ? 'unix' : transport }),
      ...(connection !== undefined && { connection }),
      ...(outstanding !== undefined && { outstanding }),
    };
  });
}

function wouldBlock(run: ExecutionRun | undefined, status: StepStatus): string | undefined {
  return run?.end?.kind === 'answer' && run.end.asksToDeny && status !== 'blocked'
    ? 'would block; its mode may not'
    : undefined;
}

/** Keys that may be shown of what an invocation is about. */
export function keysFor({ trace, call }: KeptInvocation, { toolKeysOf }: DetailDependencies): KnownKeys {
  const known = knownKeysOf(trace.chain.hook);
  if (call === undefined || call.method !== 'tools/call') return known;
  const ofTool = toolKeysOf(call.server, call.subject);
  return ofTool.length === 0 ? known : new Set([...known, ...ofTool]);
}
