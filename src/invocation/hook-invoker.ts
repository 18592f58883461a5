import type { BranchContext, BranchEvent } from '../../machines/branch.machine.js';
import type { InvocationContext, InvocationEvent } from '../../machines/invocation-context.js';
import type { ActorObserver } from '../actors/actor-observer.js';
import { FreeList } from '../actors/free-list.js';
import { type Inspector, Supervisor } from '../actors/supervisor.js';
import type { Watching, Watchable } from '../actors/watchable.js';
import { type ProgramLogic, programLogic } from '../actors/program-logic.js';
import { GatechartError } from '../errors.js';
import type { HookOutcome } from '../hooks/hook-outcome.js';
import type { TraceParent } from '../observability/spans.js';
import type { Logger } from '../observability/logger.js';
import type { Clock } from '../time/clock.js';
import type { Deadlines } from '../time/deadlines.js';
import { WaitGroup } from '../time/wait-group.js';
import { within } from '../time/within.js';
import type { BackgroundWork } from './background-work.js';
import type { Branch } from './branch.js';
import { untouchedOutcome } from './chain-outcome.js';
import { ExecutionLog } from './execution-log.js';
import { HookInvocation } from './hook-invocation.js';
import type { HookSpans } from './hook-spans.js';
import type { InvocationOwner } from './invocation-owner.js';
import type { InvocationRequest } from './invocation-request.js';
import { type InvocationObserver, InvocationTrace } from './invocation-trace.js';
import { type BranchEffect, branchProgram } from './programs/branch-program.js';
import { type InvocationEffect, invocationProgram } from './programs/invocation-program.js';

/** How long the end of an invoker may take; in milliseconds. */
export interface InvokerPatience {
  /** What running invocations may take to end by themselves. */
  readonly drainMs: number;
  /** What work in the background may. */
  readonly backgroundMs: number;
}

/** Runs each invocation as an actor of its own, in an actor system that holds them and their branches. */
export class HookInvoker implements InvocationOwner, Watchable {
  readonly clock: Clock;
  readonly spans: HookSpans | undefined;
  readonly #supervisor: Supervisor;
  readonly #logger: Logger;
  readonly #invocation: ProgramLogic<InvocationEffect, InvocationContext, InvocationEvent>;
  readonly #branch: ProgramLogic<BranchEffect, BranchContext, BranchEvent>;
  readonly #running = new WaitGroup();
  readonly #background = new FreeList<BackgroundWork>();
  readonly #inBackground = new WaitGroup();
  #observers: readonly InvocationObserver[] | undefined;

  constructor(deadlines: Deadlines, clock: Clock, logger: Logger, spans: HookSpans | undefined) {
    this.#supervisor = new Supervisor('invocations', logger);
    this.#invocation = programLogic(invocationProgram, deadlines);
    this.#branch = programLogic(branchProgram, deadlines);
    this.clock = clock;
    this.#logger = logger;
    this.spans = spans;
  }

  /** Settles exactly once, whatever the plugins do. */
  invoke(request: InvocationRequest): Promise<HookOutcome> {
    return new Promise((resolve, reject) => {
      const invocation = new HookInvocation(request, this, resolve, reject);
      if (!invocation.begin()) return;
      invocation.start(this.#supervisor.spawn(this.#invocation, request.chain.hook.name, invocation.input, invocation));
    });
  }

  /** The same, below the span of somebody else. */
  invokeBelow(parent: TraceParent | undefined, request: InvocationRequest): Promise<HookOutcome> {
    if (this.spans === undefined) return this.invoke(request);
    return this.spans.runBelow(parent, () => this.invoke(request));
  }

  /** Every plugin on the hook is passed over: there is nothing to run, and a span says so. */
  skipAll(request: InvocationRequest): HookOutcome {
    const spans = this.spans?.of(request);
    spans?.start();
    spans?.end(0);
    const executions = new ExecutionLog(request);
    const trace = this.traceOf(request, executions);
    trace?.begin();
    const nothing = { stoppedBy: undefined, error: undefined, violation: undefined, modified: undefined };
    trace?.finish({ at: trace.beganAt, kind: 'passed', ...nothing });
    return untouchedOutcome(request.contexts, executions);
  }

  traceOf(request: InvocationRequest, executions: ExecutionLog): InvocationTrace | undefined {
    return this.#observers && new InvocationTrace(request, executions, this.clock.now(), this.#observers);
  }

  /** Hears of every invocation that begins from now on. */
  observeInvocations(observer: InvocationObserver): Watching {
    // One of its own for each call, so that one that was added twice has to leave twice.
    const added = unfailing(observer, this.#logger);
    this.#observers = [...(this.#observers ?? []), added];
    return {
      unsubscribe: () => {
        const left = (this.#observers ?? []).filter((one) => one !== added);
        this.#observers = left.length === 0 ? undefined : left;
      },
    };
  }

  entered({ chain }: InvocationRequest): void {
    this.#running.add();
    chain.generation.enter();
  }

  left({ chain }: InvocationRequest): void {
    this.#running.done();
    chain.generation.leave();
  }

  /** Runs a plugin beside others. */
  spawn(branch: Branch): void {
    branch.start(this.#supervisor.spawn(this.#branch, `branch:${branch.step.plugin.name}`, branch.input, branch));
  }

  /** Starts work in the background as soon as whoever waits for the answer has it. */
  startBackground(work: BackgroundWork): void {
    work.index = this.#background.add(work);
    this.#inBackground.add();
    work.request.chain.generation.enter();
    void soon.then(() => work.start());
  }

  finished(work: BackgroundWork): void {
    this.#background.remove(work.index);
    this.#inBackground.done();
    work.request.chain.generation.leave();
  }

  /**
   * Plugins are going to be shut down, and called no more: what has yet to call one of them is cancelled, and what they do in
   * the background given up.
   *
   * @param plugins their ids
   */
  withdraw(plugins: ReadonlySet<string>): void {
    for (const owner of this.#supervisor.owners()) if (owner instanceof HookInvocation) owner.withdraw(plugins);
    for (const work of this.#background) work.withdraw(plugins);
  }

  inspect(inspector: Inspector): Watching {
    return this.#supervisor.inspect(inspector);
  }

  observe(observer: ActorObserver): Watching {
    return this.#supervisor.observe(observer);
  }

  /** Waits for what runs, cancels what still does then, and gives work in the background its time. */
  async close({ drainMs, backgroundMs }: InvokerPatience): Promise<void> {
    if (drainMs > 0 && this.#running.count > 0) await within(this.#running.idle(), drainMs, this.clock);
    this.#supervisor.sendToAll({ type: 'cancel', code: 'MANAGER_CLOSED' });
    if (this.#inBackground.count > 0) await within(this.#inBackground.idle(), backgroundMs, this.clock);
    const reason = new GatechartError('MANAGER_CLOSED', 'The manager was closed while a plugin ran in the background.');
    for (const work of this.#background) work.abort(reason);
    this.#supervisor.stop();
  }
}

/** For `then`: the microtasks that one queues by name are each a resource of Node's, which costs ten times as much. */
const soon = Promise.resolve();

/** What an observer throws is logged, and goes no further. */
function unfailing(observer: InvocationObserver, logger: Logger): InvocationObserver {
  const attempt = (tell: () => void): void => {
    try {
      tell();
    } catch (error) {
      logger.warn({ err: error }, 'an observer of invocations threw');
    }
  };
  return {
    began: (trace) => attempt(() => observer.began(trace)),
    expired: (trace, step) => attempt(() => observer.expired(trace, step)),
    ended: (trace) => attempt(() => observer.ended(trace)),
    inBackground: (trace) => attempt(() => observer.inBackground(trace)),
    endedInBackground: (...ended) => attempt(() => observer.endedInBackground?.(...ended)),
  };
}
