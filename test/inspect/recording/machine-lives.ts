import { type AnyStateMachine, fromCallback, fromPromise } from 'xstate';
import { Supervisor } from '../../../src/actors/supervisor.js';
import { programLogic } from '../../../src/actors/program-logic.js';
import { interpretedProgram } from '../../models/interpreted-program.js';
import type { ActorObserver } from '../../../src/actors/actor-observer.js';
import { machineCatalogue } from '../../../src/inspect/charts/catalogue.js';
import { chartOf } from '../../../src/inspect/charts/chart.js';
import { ManualClock, RecordingLogger, seededRandom } from '../../../src/testing/index.js';
import { Deadlines } from '../../../src/time/deadlines.js';

/** What happens to one actor: an event of its own, an end of what it invoked, or time. */
export type Happening =
  | { readonly kind: 'event'; readonly which: number; readonly value: number }
  | { readonly kind: 'done' | 'failed'; readonly value: number }
  | { readonly kind: 'time'; readonly ms: number };

const steps = [
  { plugin: 'A', sideBySide: false, mayBlock: true, raisesErrors: false, timeoutMs: 100 },
  { plugin: 'B', sideBySide: false, mayBlock: false, raisesErrors: true, timeoutMs: 50 },
  { plugin: 'C', sideBySide: true, mayBlock: true, raisesErrors: false, timeoutMs: 100 },
  { plugin: 'D', sideBySide: true, mayBlock: true, raisesErrors: true, timeoutMs: 100 },
];

interface Surroundings {
  readonly now: () => number;
  readonly random: () => number;
}

/** What each machine begins with. */
const inputs: Readonly<Record<string, (surroundings: Surroundings) => unknown>> = {
  connection: ({ now, random }) => ({
    settings: {
      connectTimeoutMs: 300,
      reconnectAttempts: 3,
      reconnectWindowMs: 700,
      reconnectDelayMs: 50,
      jitter: 0.5,
      stablePeriodMs: 100,
      cooldownMs: 200,
      suspectAfter: 2,
      pingTimeoutMs: 50,
      idleTimeoutMs: 150,
      maxWaiting: 2,
    },
    startsServer: false,
    takesTurns: true,
    hasLogin: true,
    now,
    random,
  }),
  call: () => ({ replay: 'once' }),
  invocation: () => ({ steps }),
  branch: () => ({ plugin: 'A', timeoutMs: 100 }),
  gatewayCall: () => ({ server: 'notes', method: 'tools/call', subject: 'add', maxLegs: 3 }),
  plugin: ({ now, random }) => ({
    runsHere: true,
    startTimeoutMs: 200,
    shutdownTimeoutMs: 100,
    retryAfterMs: () => (random() < 0.5 ? 100 : undefined),
    now,
  }),
  login: ({ now }) => ({
    settings: { grant: 'authorization_code', personTimeoutMs: 300, cooldownMs: 100, freshMs: 50, maxStepUps: 2 },
    now,
  }),
  eventStream: ({ now, random }) => ({
    settings: { firstDelayMs: 20, longestDelayMs: 200, longestRetryAfterMs: 300, jitter: 0.25 },
    now,
    random,
  }),
  answerResumption: () => ({ settings: { usualDelayMs: 20, mostAttempts: 2 }, lastEventId: 'a', retryMs: undefined }),
  configWatch: () => ({ settleMs: 20, seen: 'look' }),
  listWatch: () => ({ settleMs: 20 }),
  poolEntry: ({ now }) => ({ ttlMs: 100, overridesTimeoutMs: 50, now }),
  pooledManager: ({ now }) => ({ now }),
  downstreamSession: ({ now }) => ({ now }),
  server: ({ now }) => ({ graceMs: 50, now }),
  reload: () => undefined,
};

const programmed: ReadonlySet<string> = new Set(['invocation', 'branch', 'call', 'gatewayCall']);

/** What is carried by events and by what is done, for every machine: each reads what it knows. */
function carried(value: number, random: () => number): Record<string, unknown> {
  const error = Object.assign(new Error('secret words'), value % 3 === 0 ? { code: 'LOGIN_NEEDED' } : {});
  return {
    error,
    reason: error,
    index: value % 4,
    stops: value % 2 === 0,
    code: value % 5 === 0 ? 'DENIED' : 'secret code',
    call: `call#${value % 5}`,
    request: value,
    delayMs: value % 40,
    leftMs: 200,
    drainMs: value % 90,
    address: `secret-address-${value % 3}`,
    status: value % 2 === 0 ? 404 : 503,
    lastEventId: ['', 'a', 'b', undefined][value % 4],
    retryMs: value % 3 === 0 ? 30 : undefined,
    retryAfterMs: value % 7 === 0 ? 70 : undefined,
    refusal: { isReplaced: value % 5 === 0, isInsufficient: value % 2 === 0, scopes: [`scope${value % 3}`] },
    scopes: [`scope${value % 3}`],
    ...(random() < 0.2 && { extra: Number.POSITIVE_INFINITY }),
  };
}

function output(value: number, now: number): unknown {
  const token = {
    obtainedAt: now,
    expiresAt: now + 200,
    refreshAt: now + (value % 150),
    canRefresh: value % 2 === 0,
    scopes: [`scope${value % 3}`],
  };
  // Of a login's store, of its token, of what a person needs, of what a file looks like: machines take what they know.
  const facts = {
    token: value % 4 === 0 ? undefined : token,
    isOther: value % 3 === 0,
    address: 'secret-address',
    isElsewhere: value % 5 === 0,
  };
  return value % 3 === 2 ? (['look', 'other', undefined][value % 2] ?? facts) : { ...facts, ...token };
}

/** Runs an actor of one machine through whatever happens, in a system that is observed. */
export async function live(
  id: string,
  happenings: readonly Happening[],
  seed: number,
  observerOf: (clock: ManualClock) => ActorObserver,
): Promise<void> {
  const clock = new ManualClock();
  const random = seededRandom(seed);
  const found = machineCatalogue.get(id)?.machine;
  if (found === undefined) throw new Error(`there is no machine ${id}`);
  const machine: AnyStateMachine = found;
  const logger = new RecordingLogger();
  const system = new Supervisor('world', logger, clock);
  system.observe(observerOf(clock));
  const deadlines = new Deadlines(clock);
  const input = inputs[id]?.({ now: clock.now, random });
  const events = [...new Set(chartOf(machine).transitions.map(({ event }) => event))].filter(
    (event) => event !== '' && !event.startsWith('xstate.'),
  );
  const running: { resolve(value: unknown): void; reject(error: unknown): void }[] = [];
  const actor = programmed.has(id) ? programmedActor() : system.create(provided(), `${id}:world`, input);
  actor.start();
  for (const happening of happenings) {
    if (actor.getSnapshot().status !== 'active') break;
    if (happening.kind === 'time') await clock.run(happening.ms);
    else if (happening.kind === 'event') send(happening);
    else {
      const ended = running.splice(0);
      for (const one of ended)
        if (happening.kind === 'done') one.resolve(output(happening.value, clock.now()));
        else one.reject(carried(happening.value, random)['error']);
      await clock.run(0);
    }
  }
  system.stop();
  deadlines.close();

  function send({ which, value }: { which: number; value: number }): void {
    const type = events[which % events.length];
    if (type !== undefined) actor.send({ type, ...carried(value, random) });
  }

  function programmedActor() {
    const effects = { crashed: () => {} };
    return system.spawn(programLogic(interpretedProgram(machine), deadlines), id, input, effects);
  }

  function provided(): AnyStateMachine {
    const { actors, guards } = machine.implementations;
    const open = fromPromise(() => new Promise((resolve, reject) => running.push({ resolve, reject })));
    const callback = fromCallback(() => undefined);
    return machine.provide({
      actors: Object.fromEntries(
        Object.entries(actors).map(([name, logic]) => [name, isCallback(logic) ? callback : open]),
      ),
      // Those that say no until somebody provides them look outside.
      guards: Object.fromEntries(
        Object.entries(guards).flatMap(([name, guard]) =>
          /^\(\) ?=> ?false$/.test(String(guard)) ? [[name, () => random() < 0.5]] : [],
        ),
      ),
    });
  }
}

function isCallback(logic: unknown): boolean {
  return typeof logic === 'object' && logic !== null && 'config' in logic && !String(logic.config).includes('Promise');
}
