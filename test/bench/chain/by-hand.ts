import type { GlobalContext, LocalContext, PluginResult, ToolPreInvokePayload, Violation } from 'gatechart';
import type { ChainRequest } from './requests.js';

/** What a step is given beside the payload. */
export interface StepContext extends LocalContext {
  readonly globalContext: GlobalContext;
}

export type Answer = PluginResult<ToolPreInvokePayload>;

/** One plugin, as both sides run it. */
export interface Step {
  readonly name: string;
  /** It runs for these tenants alone. */
  readonly tenants?: readonly string[];
  readonly handle: (payload: ToolPreInvokePayload, context: StepContext) => Promise<Answer | undefined>;
}

/** Whether to go on; where not, why. */
export interface Decision {
  readonly continueProcessing: boolean;
  readonly violation?: Violation | undefined;
}

/** Milliseconds that a chain may take. */
const timeoutMs = 30_000;

/** One time-out around all that a chain does. */
export async function inTime<Result>(chain: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('timeout')), timeoutMs);
  });
  try {
    return await Promise.race([chain, late]);
  } finally {
    clearTimeout(timer);
  }
}

export function runsFor({ tenants }: Step, { tenantId }: GlobalContext): boolean {
  return tenants === undefined || (typeof tenantId === 'string' && tenants.includes(tenantId));
}

/** The loop that one would write without a library: it stops where a step says so. */
export function loop(steps: readonly Step[], request: ChainRequest): Promise<Decision> {
  return inTime(runAll(steps, request));
}

async function runAll(steps: readonly Step[], request: ChainRequest): Promise<Decision> {
  const context = contextOf(request);
  for (const step of steps) {
    if (!runsFor(step, request.context)) continue;
    const answer = await step.handle(request.payload, context);
    if (answer?.continueProcessing === false) return stopped(step, answer);
  }
  return { continueProcessing: true };
}

/** The same for steps that run side by side. */
export function sideBySide(steps: readonly Step[], request: ChainRequest): Promise<Decision> {
  return inTime(runTogether(steps, request));
}

async function runTogether(steps: readonly Step[], request: ChainRequest): Promise<Decision> {
  const context = contextOf(request);
  const answers = await Promise.all(
    steps.map(async (step) => ({ step, answer: await step.handle(request.payload, context) })),
  );
  for (const { step, answer } of answers) if (answer?.continueProcessing === false) return stopped(step, answer);
  return { continueProcessing: true };
}

function contextOf({ context }: ChainRequest): StepContext {
  return { globalContext: context, state: {}, metadata: {} };
}

export function stopped({ name }: Step, { violation }: Answer): Decision {
  return { continueProcessing: false, violation: violation && { ...violation, pluginName: name } };
}
