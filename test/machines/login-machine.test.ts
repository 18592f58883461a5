import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type PreparedLogin, type StoredFacts, type TokenFacts, loginMachine } from '../../machines/index.js';
import { GrantLostError } from '../../src/downstream/login/login-problem.js';
import type { LoginTasks } from '../../src/downstream/login/login-work.js';
import { MemoryLoginStore } from '../../src/downstream/login/memory-login-store.js';
import { Supervisor } from '../../src/actors/supervisor.js';
import { ServerLogin } from '../../src/downstream/login/server-login.js';
import { isGatechartError } from '../../src/errors.js';
import { ManualClock, RecordingLogger } from '../../src/testing/index.js';
import { type Deferred, deferred } from '../../src/time/deferred.js';
import { EdgeCoverage } from '../models/edge-coverage.js';

type Grant = 'authorization_code' | 'client_credentials';

/** What a test has the outside world do. */
type Step =
  | { readonly type: 'wants' }
  | { readonly type: 'isRefused'; readonly sent: 'current' | 'old'; readonly scope: string | undefined }
  | { readonly type: 'gives up' }
  | { readonly type: 'ends'; readonly how: 'well' | 'refreshable' | 'elsewhere' | 'nothing' | 'badly' | 'lost' }
  | { readonly type: 'comes back' }
  | { readonly type: 'logs in' }
  | { readonly type: 'passes'; readonly ms: number }
  | { readonly type: 'closes' };

interface Caller {
  readonly abort: AbortController;
  settled: number;
}

/** Work that ends when a test says so, and how. */
class ScriptedWork implements LoginTasks {
  header: string | undefined;
  /** What runs and asks somebody for something; the machine may read the store meanwhile. */
  asking = 0;
  most = 0;
  persons = 0;
  #tokens = 0;
  readonly #pending: ((how: (Step & { type: 'ends' })['how']) => void)[] = [];
  #callback: Deferred<void> = deferred();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  read(): Promise<StoredFacts> {
    return this.#task((how, { resolve, reject }) => {
      if (how === 'badly' || how === 'lost') reject(new Error('a broken file'));
      else if (how === 'nothing') resolve({ token: undefined, isOther: false });
      else resolve({ token: this.#token(how === 'refreshable'), isOther: how !== 'refreshable' });
    });
  }

  refresh = (signal: AbortSignal): Promise<TokenFacts> => this.#asks(signal);
  obtain = (_scopes: readonly string[], signal: AbortSignal): Promise<TokenFacts> => this.#asks(signal);
  exchange = (): Promise<TokenFacts> => this.#asks(new AbortController().signal);

  discover(signal: AbortSignal): Promise<void> {
    return this.#asks(signal).then(() => {});
  }

  prepare(_scopes: readonly string[], signal: AbortSignal): Promise<PreparedLogin> {
    return this.#task((how, { resolve, reject }) => {
      if (how === 'badly' || how === 'lost') return reject(new Error('no port'));
      if (how === 'elsewhere') return resolve({ address: 'https://elsewhere', isElsewhere: true });
      if (signal.aborted) return reject(new Error('stopped'));
      this.persons++;
      this.#callback = deferred();
      resolve({ address: 'https://here', isElsewhere: false });
    }, signal);
  }

  noteMetadata(): void {}

  callback = (): Promise<void> => this.#callback.promise;

  endPerson(): void {
    this.persons = 0;
  }

  ended = (): Promise<void> => Promise.resolve();

  end(how: (Step & { type: 'ends' })['how']): void {
    // What was stopped meanwhile may end later, which changes nothing.
    this.#pending.pop()?.(how);
  }

  comeBack(): void {
    this.#callback.resolve();
  }

  #asks(signal: AbortSignal): Promise<TokenFacts> {
    return this.#task((how, { resolve, reject }) => {
      if (how === 'badly' || how === 'nothing') reject(new Error('no answer'));
      else if (how === 'lost') reject(new GrantLostError('revoked'));
      else resolve(this.#token(how === 'refreshable'));
    }, signal);
  }

  #task<Result>(
    end: (how: (Step & { type: 'ends' })['how'], task: Deferred<Result>) => void,
    signal?: AbortSignal,
  ): Promise<Result> {
    const task = deferred<Result>();
    const counts = signal !== undefined;
    if (counts) this.most = Math.max(this.most, ++this.asking);
    let isOver = false;
    const over = (): void => {
      if (counts && !isOver) this.asking--;
      isOver = true;
    };
    signal?.addEventListener('abort', over);
    this.#pending.push((how) => {
      over();
      end(how, task);
    });
    return task.promise;
  }

  #token(canRefresh: boolean): TokenFacts {
    this.header = `Bearer ${++this.#tokens}`;
    const now = this.#now();
    // Of those that can be renewed, every other one has ended when it is read.
    const life = canRefresh && this.#tokens % 2 === 1 ? 0 : 100_000;
    return { obtainedAt: now, expiresAt: now + life, refreshAt: now + life / 2, canRefresh, scopes: ['known'] };
  }
}

/** A login whose work is scripted, on a manual clock, and those who use it. */
class World {
  readonly clock = new ManualClock();
  readonly work = new ScriptedWork(() => this.clock.now());
  readonly login: ServerLogin;
  readonly callers: Caller[] = [];
  isClosed = false;

  constructor(grant: Grant, coverage: EdgeCoverage) {
    const dependencies = {
      store: new MemoryLoginStore(),
      logger: new RecordingLogger(),
      clock: this.clock,
      now: () => this.clock.now(),
      ssrfProtection: true,
    };
    const target = { name: 's', url: 'https://mcp.example.com', settings: { grant } };
    const system = new Supervisor('logins', dependencies.logger, this.clock);
    system.inspect(coverage.inspect);
    this.login = new ServerLogin(target, dependencies, system, this.work);
  }

  async take(step: Step): Promise<void> {
    const { login, work } = this;
    switch (step.type) {
      case 'wants':
        this.#call((signal) => login.header(signal));
        break;
      case 'isRefused': {
        const { scope } = step;
        const scopes = scope === undefined ? '' : ` error="insufficient_scope", scope="${scope}"`;
        const sent = step.sent === 'current' ? work.header : 'Bearer old';
        const status = scope === undefined ? 401 : 403;
        this.#call((signal) => login.refused({ status, wwwAuthenticate: `Bearer${scopes}`, sent }, signal));
        break;
      }
      case 'gives up': {
        const caller = this.callers.find(({ settled }) => settled === 0);
        caller?.abort.abort(new Error('enough'));
        await this.clock.run(0);
        expect(caller?.settled ?? 1).toBe(1);
        break;
      }
      case 'ends':
        work.end(step.how);
        break;
      case 'comes back':
        work.comeBack();
        break;
      case 'logs in':
        if (!this.isClosed) login.login(undefined, () => {}).catch(expectsReason);
        break;
      case 'passes':
        await this.clock.run(step.ms);
        break;
      case 'closes':
        this.isClosed = true;
        await login.close();
    }
    await this.clock.run(0);
    expect(work.most).toBeLessThanOrEqual(1);
    expect(work.persons).toBeLessThanOrEqual(1);
  }

  #call(use: (signal: AbortSignal) => Promise<unknown>): void {
    const caller: Caller = { abort: new AbortController(), settled: 0 };
    this.callers.push(caller);
    use(caller.abort.signal).then(
      () => caller.settled++,
      (error: unknown) => {
        caller.settled++;
        if (!caller.abort.signal.aborted) expectsReason(error);
      },
    );
  }
}

function expectsReason(error: unknown): void {
  expect(isGatechartError(error) && error.code).toMatch(/^(LOGIN_NEEDED|SERVER_UNAVAILABLE|CONNECTION_CLOSED)$/);
}

const hows = ['well', 'well', 'refreshable', 'elsewhere', 'nothing', 'badly', 'lost'] as const;
const wants: Step = { type: 'wants' };
const ends = (how: (typeof hows)[number]): Step => ({ type: 'ends', how });
const passes = (ms: number): Step => ({ type: 'passes', ms });
const isRefused: Step = { type: 'isRefused', sent: 'current', scope: undefined };
const asked: readonly Step[] = [isRefused, ends('nothing'), ends('well'), ends('well')];

const isRefusedFor = (scope: string): Step => ({ type: 'isRefused', sent: 'current', scope });
const comesBack: Step = { type: 'comes back' };
const logsIn: Step = { type: 'logs in' };
const loggedIn: readonly Step[] = [wants, ends('well')];

/** Between them they take every edge. */
const examples: [Grant, Step[]][] = [
  ['authorization_code', [wants, ends('refreshable'), ends('refreshable'), passes(60_000), wants, ends('badly')]],
  ['authorization_code', [wants, ends('badly'), wants, isRefused, ends('elsewhere')]],
  ['authorization_code', [wants, ends('badly'), isRefused, ends('nothing'), isRefused, ends('badly'), logsIn]],
  ['authorization_code', [wants, ends('nothing'), wants, isRefused, ends('badly'), passes(30_000)]],
  ['authorization_code', [wants, ends('nothing'), logsIn, ends('badly')]],
  ['authorization_code', [wants, ends('nothing'), isRefused, ends('refreshable'), ends('refreshable'), isRefused]],
  ['authorization_code', [wants, ends('refreshable'), ends('lost')]],
  ['authorization_code', [wants, ends('refreshable'), isRefused, ends('badly')]],
  ['authorization_code', [...asked, wants, isRefused, ends('nothing'), isRefused, ends('badly')]],
  ['authorization_code', [...asked, isRefused, ends('elsewhere'), logsIn]],
  ['authorization_code', [...asked, comesBack, ends('badly')]],
  ['authorization_code', [...asked, comesBack, isRefused, ends('well'), isRefused]],
  ['authorization_code', [...asked, passes(300_000), wants, logsIn, ends('well'), ends('badly')]],
  ['authorization_code', [isRefused, ends('nothing'), ends('well'), ends('elsewhere'), isRefused, ends('elsewhere')]],
  [
    'authorization_code',
    [...loggedIn, wants, { type: 'isRefused', sent: 'old', scope: undefined }, isRefusedFor('more')],
  ],
  ['authorization_code', [...loggedIn, isRefusedFor('known')]],
  ['authorization_code', [...loggedIn, passes(11_000), isRefused, ends('nothing')]],
  ['authorization_code', [logsIn, ends('well'), ends('well'), comesBack, ends('well')]],
  [
    'client_credentials',
    [...loggedIn, passes(60_000), wants, ends('badly'), wants, passes(60_000), wants, ends('well')],
  ],
  ['client_credentials', [...loggedIn, isRefusedFor('more'), ends('badly')]],
  ['client_credentials', [isRefused, ends('nothing'), ends('well')]],
];

const anyStep = fc.oneof<fc.WeightedArbitrary<Step>[]>(
  { weight: 4, arbitrary: fc.constant({ type: 'wants' }) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('isRefused'),
      sent: fc.constantFrom('current', 'current', 'old'),
      scope: fc.constantFrom(undefined, undefined, 'known', 'more'),
    }),
  },
  { weight: 8, arbitrary: fc.record({ type: fc.constant('ends'), how: fc.constantFrom(...hows) }) },
  { weight: 1, arbitrary: fc.constant({ type: 'gives up' }) },
  { weight: 2, arbitrary: fc.constant({ type: 'comes back' }) },
  { weight: 1, arbitrary: fc.constant({ type: 'logs in' }) },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('passes'), ms: fc.constantFrom(1_000, 11_000, 60_000, 300_000) }),
  },
);

/** Takes the steps, closes, and sees what became of everybody. */
async function run(grant: Grant, steps: readonly Step[], coverage: EdgeCoverage): Promise<void> {
  const world = new World(grant, coverage);
  for (const step of [...steps, { type: 'closes' } as const]) await world.take(step);
  expect(world.callers.map(({ settled }) => settled)).toEqual(world.callers.map(() => 1));
  expect(world.work.persons).toBe(0);
  expect(world.clock.size).toBe(0);
  // Who comes after the end is told so, and changes nothing.
  for (const step of steps.slice(0, 3)) await world.take(step);
  expect(world.callers.every(({ settled }) => settled === 1)).toBe(true);
}

test('every edge is taken', async () => {
  const coverage = new EdgeCoverage(loginMachine);
  for (const [grant, steps] of examples) await run(grant, steps, coverage);
  expect(coverage.missing).toEqual([]);
});

test('whatever happens, each caller is settled once, one thing is asked at a time, and nothing is left', async () => {
  const coverage = new EdgeCoverage(loginMachine);
  const grants = fc.constantFrom<Grant>('authorization_code', 'authorization_code', 'client_credentials');
  await fc.assert(
    fc.asyncProperty(grants, fc.array(anyStep, { minLength: 1, maxLength: 60 }), (grant, steps) =>
      run(grant, steps, coverage),
    ),
    { numRuns: 300 },
  );
}, 60_000);
