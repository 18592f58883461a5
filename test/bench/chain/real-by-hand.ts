import type { LocalContext, ToolPreInvokePayload } from 'gatechart';
import { type Decision, inTime, runsFor, type Step, stopped } from './by-hand.js';
import type { ChainRequest } from './requests.js';

export interface RealOutcome extends Decision {
  readonly modifiedPayload?: ToolPreInvokePayload | undefined;
  readonly metadata: Record<string, unknown>;
  /** What each step keeps for the next hook of the request. */
  readonly contexts: ReadonlyMap<string, LocalContext>;
}

/** Fields that a step may change. */
const writable = ['name', 'args', 'headers'] as const;

/** The loop with all that the steps need: what one would write for them without a library. */
export function realLoop(steps: readonly Step[], request: ChainRequest): Promise<RealOutcome> {
  return inTime(runAll(steps, request));
}

/** The same, where nothing that a step does to a payload, or keeps of it, may reach the caller's. */
export function isolatedRealLoop(steps: readonly Step[], { payload, context }: ChainRequest): Promise<RealOutcome> {
  return inTime(runAll(steps, { payload: deeplyFrozen(structuredClone(payload)), context }));
}

async function runAll(steps: readonly Step[], request: ChainRequest): Promise<RealOutcome> {
  const { context } = request;
  const contexts = new Map<string, LocalContext>();
  let payload: ToolPreInvokePayload = request.payload;
  let metadata: Record<string, unknown> = {};
  for (const step of steps) {
    if (!runsFor(step, context)) continue;
    const kept = contexts.get(step.name);
    const local = { state: { ...kept?.state }, metadata: { ...kept?.metadata } };
    const globalContext = { ...context, state: { ...context.state }, metadata: { ...context.metadata } };
    const answer = await step.handle(payload, { globalContext, ...local });
    contexts.set(step.name, local);
    context.state = globalContext.state;
    context.metadata = globalContext.metadata;
    if (answer === undefined) continue;
    if (answer.metadata !== undefined) metadata = { ...metadata, ...answer.metadata };
    if (answer.continueProcessing === false) return { ...stopped(step, answer), metadata, contexts };
    if (answer.modifiedPayload !== undefined) payload = changed(payload, answer.modifiedPayload);
  }
  const modifiedPayload = payload === request.payload ? undefined : payload;
  return { continueProcessing: true, modifiedPayload, metadata, contexts };
}

function changed(before: ToolPreInvokePayload, wanted: ToolPreInvokePayload): ToolPreInvokePayload {
  const after = { ...before };
  for (const field of writable) if (wanted[field] !== undefined) Object.assign(after, { [field]: wanted[field] });
  return after;
}

function deeplyFrozen<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value;
  for (const part of Object.values(value)) deeplyFrozen(part);
  return Object.freeze(value);
}
