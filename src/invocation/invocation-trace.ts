import type { ObservedActor } from '../actors/actor-observer.js';
import type { BackgroundReport } from '../hooks/hook-outcome.js';
import type { Violation } from '../hooks/hook-result.js';
import type { ExecutionLog } from './execution-log.js';
import type { ChainStep, HookChain } from './hook-chain.js';
import type { InvocationRequest } from './invocation-request.js';

/** A modification that was taken. Both are frozen. */
export interface PayloadChange {
  /** Position of the plugin. */
  readonly index: number;
  readonly before: unknown;
  readonly after: unknown;
}

/** A plugin asked to stop a request that has been answered. */
export interface BackgroundDenial {
  /** Of its violation. */
  readonly code: string | undefined;
}

/** One plugin of those that run after the answer. */
export interface BackgroundRun {
  readonly startedAt: number | undefined;
  /** Undefined while it runs. */
  readonly status: BackgroundReport['status'] | undefined;
  readonly durationMs: number;
  readonly error: unknown;
}

/** How an invocation ended. */
export interface InvocationEnd {
  /** Milliseconds on the chain's clock. */
  readonly at: number;
  readonly kind: 'passed' | 'modified' | 'blocked' | 'failed' | 'timedOut' | 'aborted';
  /** Position of the plugin that ended the chain. */
  readonly stoppedBy: number | undefined;
  readonly error: unknown;
  readonly violation: Violation | undefined;
  /** What the caller gets as `modifiedPayload`. */
  readonly modified: unknown;
}

/** Hears of invocations, at once. It must not throw, and what it keeps of a trace it keeps of the caller. */
export interface InvocationObserver {
  began(trace: InvocationTrace): void;
  /** A plugin has missed its deadline. */
  expired(trace: InvocationTrace, step: ChainStep): void;
  ended(trace: InvocationTrace): void;
  /** A plugin in the background has begun or ended. */
  inBackground(trace: InvocationTrace): void;
  /**
   * It has ended; told once.
   *
   * @param index its place there
   * @param denial where it asked to stop a request that has gone on
   */
  endedInBackground?(
    trace: InvocationTrace,
    index: number,
    report: BackgroundReport,
    denial: BackgroundDenial | undefined,
  ): void;
}

/**
 * One invocation as those see it who watch: references to what is there anyway, so that watching costs next to nothing.
 * What is told of it is put together when somebody asks.
 */
export class InvocationTrace {
  readonly chain: HookChain;
  readonly steps: readonly ChainStep[];
  /** How many of the steps, at the end, run side by side. */
  readonly sideBySide: number;
  readonly background: readonly ChainStep[];
  readonly disabled: readonly ChainStep[] | undefined;
  /** As it came; deeply frozen. */
  readonly payload: unknown;
  readonly requestId: string;
  /** Milliseconds on the chain's clock. */
  readonly beganAt: number;
  readonly executions: ExecutionLog;
  actor: ObservedActor | undefined;
  changes: PayloadChange[] | undefined;
  /** By place in the background. */
  backgroundRuns: BackgroundRun[] | undefined;
  end: InvocationEnd | undefined;
  readonly #observers: readonly InvocationObserver[];
  #request: InvocationRequest | undefined;

  constructor(
    request: InvocationRequest,
    executions: ExecutionLog,
    beganAt: number,
    observers: readonly InvocationObserver[],
  ) {
    this.chain = request.chain;
    this.steps = request.steps;
    this.sideBySide = request.sideBySide;
    this.background = request.background;
    this.disabled = request.disabled;
    this.payload = request.payload;
    this.requestId = request.context.requestId;
    this.beganAt = beganAt;
    this.executions = executions;
    this.#request = request;
    this.#observers = observers;
  }

  /** What the caller gave; undefined once nobody needs it: it may hold much. */
  get request(): InvocationRequest | undefined {
    return this.#request;
  }

  /** Lets go of what the caller gave, and of the actor, which has it too. */
  letGo(): void {
    this.#request = undefined;
    this.actor = undefined;
  }

  begin(): void {
    for (const observer of this.#observers) observer.began(this);
  }

  changed(index: number, before: unknown, after: unknown): void {
    (this.changes ??= []).push({ index, before, after });
  }

  expired(step: ChainStep): void {
    for (const observer of this.#observers) observer.expired(this, step);
  }

  backgroundBegan(index: number, startedAt: number): void {
    // One that answers at once has ended before it is known when it began.
    const ended = this.backgroundRuns?.[index];
    this.#inBackground(index, { status: undefined, durationMs: 0, error: undefined, ...ended, startedAt });
  }

  backgroundEnded(index: number, report: BackgroundReport, denial: BackgroundDenial | undefined): void {
    const { status, durationMs, error } = report;
    const startedAt = this.backgroundRuns?.[index]?.startedAt;
    this.#inBackground(index, { startedAt, status, durationMs, error });
    for (const observer of this.#observers) observer.endedInBackground?.(this, index, report, denial);
  }

  finish(end: InvocationEnd): void {
    if (this.end !== undefined) return;
    this.end = end;
    for (const observer of this.#observers) observer.ended(this);
  }

  #inBackground(index: number, run: BackgroundRun): void {
    (this.backgroundRuns ??= [])[index] = run;
    for (const observer of this.#observers) observer.inBackground(this);
  }
}
