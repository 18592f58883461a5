import { type ActorRefFrom, fromPromise } from 'xstate';
import { type ReloadContext, reloadMachine } from '../../../machines/reload.machine.js';
import type { Supervisor } from '../../actors/supervisor.js';
import { type GatechartError, messageOf } from '../../errors.js';
import type { Logger } from '../../observability/logger.js';
import { type Deferred, deferred } from '../../time/deferred.js';

/** One reload, step by step. */
export interface ReloadSteps<Report extends object> {
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
  readonly report: Report;
}

/** A reload that somebody waits for. */
interface Pending<Report extends object> {
  readonly task: ReloadSteps<Report>;
  readonly answer: Deferred<Report>;
}

/** What is reloaded, for messages. */
export interface Reloaded<Report> {
  /** `the plugins` */
  readonly what: string;
  /** What was done, in a line. */
  readonly textOf: (report: Report) => string;
  /** What those are told who ask when the owner is closed. */
  readonly closed: () => GatechartError;
}

/** The reloads of a configuration, one after the other. Runs `machines/reload.machine.ts`. */
export class Reloads<Report extends object> {
  readonly #actor: ActorRefFrom<typeof reloadMachine>;
  readonly #logger: Logger;
  readonly #reloaded: Reloaded<Report>;
  readonly #pending = new Map<number, Pending<Report>>();
  #asked = 0;

  constructor(reloaded: Reloaded<Report>, system: Supervisor, logger: Logger) {
    this.#reloaded = reloaded;
    this.#logger = logger;
    this.#actor = system.create(this.#machine(), 'reload', undefined);
    this.#actor.subscribe({ error: () => this.close() });
    this.#actor.start();
  }

  /**
   * Carries a task out when those before it are done.
   *
   * @throws GatechartError what `closed` gives, and what the task throws; the old configuration is in force then
   */
  run(task: ReloadSteps<Report>): Promise<Report> {
    if (this.#actor.getSnapshot().status !== 'active') return Promise.reject(this.#reloaded.closed());
    const request = ++this.#asked;
    const answer = deferred<Report>();
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
        startNew: fromPromise<void, Request>(async ({ input }) => this.#task(input.request)?.start()),
        stopStarted: fromPromise<void, Request>(async ({ input }) => this.#task(input.request)?.undo()),
        retireOld: fromPromise<void, Request>(async ({ input }) => this.#task(input.request)?.retire()),
      },
      actions: {
        swap: ({ context }) => this.#task(context.current)?.swap(),
        tellDone: ({ context }) => this.#tellDone(context),
        tellFailed: ({ context }) => this.#tellFailed(context),
        tellClosed: () => this.#refuseAll(),
      },
    });
  }

  #task(request: number | undefined): ReloadSteps<Report> | undefined {
    return this.#pending.get(request ?? 0)?.task;
  }

  #take(request: number | undefined): Pending<Report> | undefined {
    const pending = this.#pending.get(request ?? 0);
    this.#pending.delete(request ?? 0);
    return pending;
  }

  #tellDone({ current }: ReloadContext): void {
    const pending = this.#take(current);
    if (pending === undefined) return;
    const { report } = pending.task;
    const { what, textOf } = this.#reloaded;
    this.#logger.info({ ...report }, `${what} were reloaded: ${textOf(report)}`);
    pending.answer.resolve(report);
  }

  #tellFailed({ current, error }: ReloadContext): void {
    this.#logger.error({ err: error }, `nothing was reloaded, and what was in force stays: ${messageOf(error)}`);
    this.#take(current)?.answer.reject(error);
  }

  #refuseAll(): void {
    for (const { answer } of this.#pending.values()) answer.reject(this.#reloaded.closed());
    this.#pending.clear();
  }
}
