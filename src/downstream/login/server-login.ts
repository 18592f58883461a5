import { type ActorRefFrom, fromCallback, fromPromise } from 'xstate';
import type { LoginEvent, LoginInput } from '../../../machines/login-context.js';
import { loginMachine } from '../../../machines/login.machine.js';
import { Supervisor } from '../../actors/supervisor.js';
import type { CancelSignal } from '../../time/cancellation.js';
import type { Authorization, RefusedAuthorization } from '../../transports/http/authorization.js';
import { deferred } from '../../time/deferred.js';
import { type Challenge, readChallenge } from './challenge.js';
import type { LoginDependencies } from './login-dependencies.js';
import type { LoginTarget } from './login-endpoint.js';
import { GrantLostError, problemOf } from './login-problem.js';
import { loginClosed, loginNeeded, loginRefused, loginStatus } from './login-texts.js';
import { LoginWaiters } from './login-waiters.js';
import { type LoginTasks, LoginWork } from './login-work.js';

const defaultPersonTimeoutMs = 300_000;
const defaultCooldownMs = 30_000;
const freshMs = 10_000;
const maxStepUps = 3;

/**
 * The login at one server, which runs `machines/login.machine.ts`. Its tokens belong to whoever runs this process, and not
 * to the caller of a call.
 */
export class ServerLogin implements Authorization {
  readonly #name: string;
  readonly #work: LoginTasks;
  readonly #actor: ActorRefFrom<typeof loginMachine>;
  readonly #system: Supervisor;
  readonly #wanted = new LoginWaiters<string | undefined>();
  readonly #refused = new LoginWaiters<'again' | 'no'>();
  readonly #now: () => number;

  /**
   * @param system where its actor lives. Default: one of its own
   * @param work does what the machine asks for
   */
  constructor(
    target: LoginTarget,
    dependencies: LoginDependencies,
    system: Supervisor = new Supervisor('logins', dependencies.logger, dependencies.clock),
    work: LoginTasks = new LoginWork(target, dependencies),
  ) {
    const { name, settings } = target;
    const { logger, personTimeoutMs = defaultPersonTimeoutMs, cooldownMs = defaultCooldownMs } = dependencies;
    this.#name = name;
    this.#now = dependencies.now ?? Date.now;
    this.#work = work;
    const machine = loginMachine.provide({
      actors: {
        readLogin: fromPromise(() => work.read()),
        refreshToken: fromPromise(({ signal }) => work.refresh(signal)),
        obtainToken: fromPromise(({ input, signal }) => work.obtain(input.scopes, signal)),
        discoverServer: fromPromise(({ signal }) => work.discover(signal)),
        registerClient: fromPromise(({ input, signal }) => work.prepare(input.scopes, signal)),
        awaitPerson: fromCallback<LoginEvent>(({ sendBack }) => {
          void work.callback().then(() => sendBack({ type: 'callback.received' }));
        }),
        exchangeCode: fromPromise(({ signal }) => work.exchange(signal)),
      },
      actions: {
        answerWanted: () => this.#wanted.answer(work.header),
        answerAgain: () => this.#refused.answer('again'),
        tellNeeded: ({ context }) => this.#refused.refuse(loginNeeded(name, context)),
        tellRefused: ({ context }) => this.#refused.refuse(loginRefused(name, context)),
        endAttempt: () => work.endPerson(),
        reportRefresh: ({ event }) =>
          logger.warn({ server: name, error: problemOf(errorOf(event)) }, 'a token could not be renewed'),
        tellClosed: () => {
          this.#wanted.refuse(loginClosed(name));
          this.#refused.refuse(loginClosed(name));
        },
      },
      guards: { isGrantLost: ({ event }) => errorOf(event) instanceof GrantLostError },
    });
    const { grant = 'authorization_code' } = settings;
    const input: LoginInput = {
      settings: { grant, personTimeoutMs, cooldownMs, freshMs, maxStepUps },
      now: this.#now,
    };
    // A person who is waited for does not keep a process that has nothing else to do; who waits for the person does.
    this.#system = system;
    this.#actor = system.createNamed(machine, `login:${name}`, input);
    this.#actor.start();
  }

  /**
   * @throws GatechartError CONNECTION_CLOSED once the login is closed; the reason of the signal
   */
  async header(signal: CancelSignal): Promise<string | undefined> {
    if (this.#isClosed) throw loginClosed(this.#name);
    // The edge `anonymous / token.wanted → answerWanted` without its cost: most servers never ask for a login, and every
    // request comes by here. It changes no state; while somebody inspects, it is taken.
    const { value } = this.#actor.getSnapshot();
    if (value === 'anonymous' && !this.#system.isWatched && !signal.aborted) return this.#work.header;
    return this.#wanted.wait(signal, () => this.#actor.send({ type: 'token.wanted' }));
  }

  /**
   * @returns `no` for a refusal that no login would change
   * @throws GatechartError LOGIN_NEEDED if a person has to log in; SERVER_UNAVAILABLE if no login can be made;
   * CONNECTION_CLOSED; the reason of the signal
   */
  async refused(challenge: RefusedAuthorization, signal: CancelSignal): Promise<'again' | 'no'> {
    const { status, wwwAuthenticate, sent } = challenge;
    const read = readChallenge(wwwAuthenticate);
    const isInsufficient = status === 403;
    if (read === undefined || (isInsufficient && read.error !== 'insufficient_scope')) return 'no';
    if (this.#isClosed) throw loginClosed(this.#name);
    this.#work.noteMetadata(read.resourceMetadata);
    const isReplaced = this.#work.header !== undefined && sent !== this.#work.header;
    const refusal = { isReplaced, isInsufficient, scopes: read.scopes };
    return this.#refused.wait(signal, () => this.#actor.send({ type: 'token.refused', refusal }));
  }

  /** Where the login is, for people; undefined while the server has not asked for one. Never holds a secret. */
  get status(): string | undefined {
    const { value, context } = this.#actor.getSnapshot();
    return loginStatus(this.#name, value, context);
  }

  /**
   * Has a person log in, also where there is a login already.
   *
   * @param challenge what the server says of the login it wants, if it was asked
   * @param tell gets the address that has to be opened
   * @returns scopes that were granted, as far as they are known
   * @throws GatechartError LOGIN_NEEDED if nobody did so in time, or is asked elsewhere already; SERVER_UNAVAILABLE; CONNECTION_CLOSED
   */
  async login(challenge: Challenge | undefined, tell: (address: string) => void): Promise<readonly string[]> {
    const ended = deferred<readonly string[]>();
    let isTold = false;
    const subscription = this.#actor.subscribe((snapshot) => {
      const { context } = snapshot;
      if (snapshot.matches('authorised')) ended.resolve(context.token?.scopes ?? []);
      else if (snapshot.matches('needed')) ended.reject(loginNeeded(this.#name, context));
      else if (snapshot.matches('refused')) ended.reject(loginRefused(this.#name, context));
      else if (snapshot.matches('closed')) ended.reject(loginClosed(this.#name));
      else if (snapshot.matches({ loggingIn: 'waitingForPerson' }) && !isTold) {
        isTold = true;
        tell(context.address ?? '');
      }
    });
    try {
      this.#work.noteMetadata(challenge?.resourceMetadata);
      this.#actor.send({ type: 'login', scopes: challenge?.scopes ?? [] });
      return await ended.promise;
    } finally {
      subscription.unsubscribe();
    }
  }

  /**
   * Ends what waits, what listens and what is asked of servers; settles when nothing of it is left. A token that is on its
   * way has two seconds more, and is kept: where refresh tokens are good once, the old one is spent.
   */
  async close(): Promise<void> {
    if (!this.#isClosed) this.#actor.send({ type: 'close' });
    await this.#work.ended();
  }

  get #isClosed(): boolean {
    return this.#actor.getSnapshot().status !== 'active';
  }
}

function errorOf(event: object): unknown {
  return 'error' in event ? event.error : undefined;
}
