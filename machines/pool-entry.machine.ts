import { assign, fromCallback, fromPromise, setup } from 'xstate';

/** What an entry starts with. */
export interface PoolEntryInput {
  /** Milliseconds after which the overrides are asked for again. */
  readonly ttlMs: number;
  /** Milliseconds that asking for the overrides may take. */
  readonly overridesTimeoutMs: number;
  /** Milliseconds on the injected clock. */
  readonly now: () => number;
}

/** What an entry remembers. */
export interface PoolEntryContext extends PoolEntryInput {
  /** Why overrides or manager could not be had the last time; undefined where they could. */
  readonly error: unknown;
  /** Milliseconds on the clock at which the running timer is due; undefined where there is none. */
  readonly dueAt: number | undefined;
}

/** What can happen to an entry. */
export type PoolEntryEvent =
  /** There is room for one more manager. */
  | { type: 'admit' }
  /** Somebody wants the manager. */
  | { type: 'ask' }
  /** The overrides may have changed. */
  | { type: 'invalidate' }
  | { type: 'manager.built' }
  | { type: 'manager.failed'; error: unknown }
  | { type: 'retire' };

/**
 * One key of a pool of managers, from the first time that somebody asks for it. One manager at most is being built at a
 * time, and all who ask meanwhile get that one.
 */
export const poolEntryMachine = setup({
  types: { input: {} as PoolEntryInput, context: {} as PoolEntryContext, events: {} as PoolEntryEvent },
  actors: {
    /** Asks what the key overrides, and joins that with the base. */
    askOverrides: fromPromise<void>(() => Promise.resolve()),
    /** Builds a manager; tells what came of it. It cannot be stopped. */
    buildManager: fromCallback<PoolEntryEvent>(() => undefined),
  },
  actions: {
    recordError: assign({ error: ({ event }) => ('error' in event ? event.error : undefined) }),
    /** Records that the overrides did not come in time. */
    recordLate: assign({ error: ({ context }) => context.error }),
    clearError: assign({ error: undefined }),
    armTimer: assign({
      dueAt: ({ context }, { ms }: { ms: 'ttlMs' | 'overridesTimeoutMs' }) => context.now() + context[ms],
    }),
    clearTimer: assign({ dueAt: undefined }),
    /** Gives the manager to all who wait for it. */
    admitAsking: () => {},
    /** Tells all who wait that there is none: it could not be built, or the pool is closed. */
    refuseAsking: (_, _params: { reason: 'failed' | 'closed' }) => {},
    /** Puts the manager that was built in the place of the one before, which is retired. */
    replaceManager: () => {},
    retireManager: () => {},
    leavePool: () => {},
  },
  /** Whether there is a manager, and whether it was built with the same configuration. */
  guards: { hasManager: () => false, isUnchanged: () => false },
  delays: {
    timeToLive: ({ context }) => context.ttlMs,
    overridesTimeout: ({ context }) => context.overridesTimeoutMs,
  },
}).createMachine({
  id: 'poolEntry',
  context: ({ input }) => ({ ...input, error: undefined, dueAt: undefined }),
  initial: 'asking',
  states: {
    asking: {
      description: 'The overrides of the key are asked for, and those who ask for the manager wait.',
      entry: { type: 'armTimer', params: { ms: 'overridesTimeoutMs' } },
      exit: 'clearTimer',
      invoke: {
        src: 'askOverrides',
        onDone: [
          { guard: 'isUnchanged', target: 'ready' },
          { guard: 'hasManager', target: 'building' },
          { target: 'queued' },
        ],
        onError: { target: 'refusing', actions: 'recordError' },
      },
      on: { invalidate: { target: 'asking', reenter: true }, retire: 'retired' },
      after: { overridesTimeout: { target: 'refusing', actions: 'recordLate' } },
    },
    queued: {
      description: 'There are as many managers as there may be, and none that can go yet. Those who ask wait.',
      on: { admit: 'building', invalidate: 'asking', retire: 'retired' },
    },
    building: {
      description: 'A manager is being built, and those who ask wait for it.',
      invoke: { src: 'buildManager' },
      initial: 'wanted',
      states: {
        wanted: {
          description: 'It will be given to those who wait.',
          on: {
            'manager.built': { target: '#poolEntry.ready', actions: 'replaceManager' },
            'manager.failed': { target: '#poolEntry.refusing', actions: 'recordError' },
            invalidate: 'outdated',
            retire: 'unwanted',
          },
        },
        outdated: {
          description: 'The overrides may have changed meanwhile: they are asked for again before anybody gets it.',
          on: {
            'manager.built': { target: '#poolEntry.asking', actions: 'replaceManager' },
            'manager.failed': '#poolEntry.asking',
            retire: 'unwanted',
          },
        },
        unwanted: {
          description: 'The pool was closed meanwhile: the manager is closed as soon as it is built.',
          entry: { type: 'refuseAsking', params: { reason: 'closed' } },
          on: {
            'manager.built': { target: '#poolEntry.retired', actions: 'replaceManager' },
            'manager.failed': '#poolEntry.retired',
          },
        },
      },
    },
    ready: {
      description: 'The manager is given to whoever asks.',
      entry: ['clearError', { type: 'armTimer', params: { ms: 'ttlMs' } }, 'admitAsking'],
      exit: 'clearTimer',
      on: { invalidate: 'stale', retire: 'retired' },
      after: { timeToLive: 'stale' },
    },
    refusing: {
      description: 'Those who waited are told why there is no manager.',
      entry: { type: 'refuseAsking', params: { reason: 'failed' } },
      always: [{ guard: 'hasManager', target: 'stale' }, { target: 'failed' }],
    },
    stale: {
      description: 'The overrides may have changed; whoever asks next has them asked for again. What runs goes on.',
      on: { ask: 'asking', retire: 'retired' },
    },
    failed: { description: 'There is none; whoever asks tries again.', type: 'final', entry: 'leavePool' },
    retired: {
      description: 'Nobody gets the manager any more, and it is being retired.',
      type: 'final',
      entry: ['leavePool', { type: 'refuseAsking', params: { reason: 'closed' } }, 'retireManager'],
    },
  },
});
