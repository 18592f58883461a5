import { type ActorRefFrom, fromPromise } from 'xstate';
import { type ReloadContext, reloadMachine } from '../../../machines/index.js';
import type { Supervisor } from '../../actors/supervisor.js';
import { GatechartError, messageOf } from '../../errors.js';
import type { Logger } from '../../observability/logger.js';
import { type Deferred, deferred } from '../../time/deferred.js';
import { type ReloadReport, reportText } from './reload-report.js';

/** One reload, step by step. */
export interface ReloadSteps {
  /** Reads and checks what is wanted. */
  check(): void;
  /** Starts what is new. */
  start(): Promise<void>;
  /** Ends what was started. Never rejects. */
  undo(): Promise<void>;
  /** Puts it in force. */
  swap(): void;
  /** Ends what is in force no more. Never rejects. */
  retire(): Promise<void>;
  /** What was done, once it was started. */
  readonly report: ReloadReport;
}

/** A reload that somebody waits for. */
interface Pending {
  readonly task: ReloadSteps;
  readonly answer: Deferred<ReloadReport>;
}

/** The reloads of a manager, one after the other. Runs `machines/reload.machine.ts`. */
export class Reloads {
  readonly #actor: ActorRefFrom<typeof reloadMachine>;
  readonly #logger: Logger;
  readonly #pending = new Map<number, Pending>();
  #asked = 0;

  constructor(system: Supervisor, logger: Logger) {
    this.#logger = logger;
    this.#actor = system.create(this.#machine(), 'reload', undefined);
    this.#actor.subscribe({ error: () => this.close() });
    this.#actor.start();
  }

  /**
   * Carries a task out when those before it are done.
   *
   * @throws GatechartError MANAGER_CLOSED, and what the task throws; the old configuration is in force then
   */
  run(task: ReloadSteps): Promise<ReloadReport> {
    if (this.#actor.getSnapshot().status !== 'active') return Promise.reject(closed());
    const request = ++this.#asked;
    const answer = deferred<ReloadReport>();
    this.#pending.set(request, { task, answer });
    this.#actor.send({ type: 'reload', request });
    return answer.promise;
  }

  /** Those that are not done are refused; what they have started is ended by its owner. */
  close(): void {
    if (this.#actor.getSnapshot().status === 'active') this.#actor.send({ type: 'close' });
    else this.#refuseAll();
  }

  #machine(): typeof reloadMachine {
    type Request = { request: number | undefined };
    return reloadMachine.provide({
      actors: {
        checkConfiguration: fromPromise<void, Request>(async ({ input }) => this.#task(input.request)?.check()),
        startPlugins: fromPromise<void, Request>(async ({ input }) => this.#task(input.request)?.start()),
        stopStarted: fromPromise<void, Request>(async ({ input }) => this.#task(input.request)?.undo()),
        retirePlugins: fromPromise<void, Request>(async ({ input }) => this.#task(input.request)?.retire()),
      },
      actions: {
        swapChains: ({ context }) => this.#task(context.current)?.swap(),
        tellDone: ({ context }) => this.#tellDone(context),
        tellFailed: ({ context }) => this.#tellFailed(context),
        tellClosed: () => this.#refuseAll(),
      },
    });
  }

  #task(request: number | undefined): ReloadSteps | undefined {
    return this.#pending.get(request ?? 0)?.task;
  }

  #take(request: number | undefined): Pending | undefined {
    const pending = this.#pending.get(request ?? 0);
    this.#pending.delete(request ?? 0);
    return pending;
  }

  #tellDone({ current }: ReloadContext): void {
    const pending = this.#take(current);
    if (pending === undefined) return;
    const { report } = pending.task;
    this.#logger.info({ ...report }, `the plugins were reloaded: ${reportText(report)}`);
    pending.answer.resolve(report);
  }

  #tellFailed({ current, error }: ReloadContext): void {
    this.#logger.error({ err: error }, `nothing was reloaded, and what was in force stays: ${messageOf(error)}`);
    this.#take(current)?.answer.reject(error);
  }

  #refuseAll(): void {
    for (const { answer } of this.#pending.values()) answer.reject(closed());
    this.#pending.clear();
  }
}

function closed(): GatechartError {
  return new GatechartError('MANAGER_CLOSED', 'The manager is closed; nothing is reloaded any more.');
}
