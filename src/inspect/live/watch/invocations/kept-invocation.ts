import type { ChainStep } from '../../../../invocation/hook-chain.js';
import type { InvocationTrace } from '../../../../invocation/invocation-trace.js';
import { mismatchText } from '../../../../plugins/plugin-conditions.js';
import { estimatedBytes } from '../model/estimated-bytes.js';
import { withoutUrlSecrets } from '../redaction/shown-errors.js';
import { shownName, shownText } from '../redaction/shown-text.js';
import type { CallFacts } from './call-facts.js';

/** Bytes of one that holds nothing of others. */
const ownBytes = 1_500;

/** One invocation that is held: what it holds of others are the payloads, which are frozen. */
export class KeptInvocation {
  readonly trace: InvocationTrace;
  readonly id: string;
  readonly subject: string;
  readonly agent: string | undefined;
  readonly tenant: string | undefined;
  readonly call: CallFacts | undefined;
  /** What connections were doing when steps ran out of time. */
  readonly outstanding: ReadonlyMap<ChainStep, string>;
  /** Places of those in the background that are counted already. */
  readonly counted = new Set<number>();
  readonly #skipped = new Map<ChainStep, string>();
  /** Number of the change with which it was told last; 0: not yet. */
  stamp = 0;
  bytes: number;

  constructor(
    trace: InvocationTrace,
    id: string,
    call: CallFacts | undefined,
    outstanding: ReadonlyMap<ChainStep, string>,
  ) {
    const { request } = trace;
    this.trace = trace;
    this.id = id;
    this.call = call;
    this.outstanding = outstanding;
    // Of a resource it is its address.
    this.subject = shownName(withoutUrlSecrets(shownName(subjectOf(trace))));
    const agent = call?.agent ?? request?.extensions?.agent?.agentId;
    this.agent = agent === undefined ? undefined : shownName(agent);
    const tenant = request?.context.tenantId;
    this.tenant = typeof tenant === 'string' ? shownName(tenant) : undefined;
    if (trace.chain.conditional.length > 0) this.#noteSkipped();
    this.bytes = this.#size();
    // The context and what hangs on it are the caller's.
    if (trace.end !== undefined) this.#letGo();
  }

  /** What plugins were given, and may quote: the payload as it came, and as those before them made it. */
  get payloads(): readonly unknown[] {
    const { payload, changes = [] } = this.trace;
    return [payload, ...changes.map(({ after }) => after)];
  }

  /** The condition that does not match, of a step that was skipped. */
  whySkipped(step: ChainStep): string | undefined {
    return this.#skipped.get(step);
  }

  /** It has ended. @returns how many bytes it takes more */
  settle(): number {
    this.#letGo();
    const before = this.bytes;
    this.bytes = this.#size();
    return this.bytes - before;
  }

  /** Others who watch are told first: they read the same trace. */
  #letGo(): void {
    queueMicrotask(() => this.trace.letGo());
  }

  #size(): number {
    const { payload, changes = [], chain, end } = this.trace;
    const held = changes.reduce((sum, { after }) => sum + estimatedBytes(after), estimatedBytes(payload));
    const said = estimatedBytes(end?.violation) + (end?.error instanceof Error ? end.error.message.length : 0);
    return ownBytes + 200 * chain.steps.length + held + said;
  }

  #noteSkipped(): void {
    const { chain, steps, background, payload, request } = this.trace;
    if (request === undefined) return;
    for (const step of [...chain.steps, ...chain.background]) {
      if (steps.includes(step) || background.includes(step)) continue;
      try {
        const text = mismatchText(step.plugin.conditions, chain.hook, payload, request.context);
        this.#skipped.set(step, shownText(text, 512));
      } catch {
        this.#skipped.set(step, 'unknown');
      }
    }
  }
}

function subjectOf({ chain, payload }: InvocationTrace): string {
  try {
    const subject = chain.hook.subject?.of(payload);
    return typeof subject === 'string' && subject !== '' ? subject : chain.hook.name;
  } catch {
    return chain.hook.name;
  }
}
