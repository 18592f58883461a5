import { assign, fromCallback, fromPromise, setup } from 'xstate';

/** What a server starts with. */
export interface ServerInput {
  /** Milliseconds that running calls get to finish when the server ends. */
  readonly graceMs: number;
  /** Milliseconds on the injected clock. */
  readonly now: () => number;
}

/** What a server remembers. */
export interface ServerContext extends ServerInput {
  /** Where clients reach it; undefined until it listens. */
  readonly address: string | undefined;
  /** Why it could not start. */
  readonly error: unknown;
  /** Milliseconds on the clock at which the grace period is over; undefined while it does not run. */
  readonly dueAt: number | undefined;
}

/** What can happen to a server. */
export type ServerEvent =
  | { type: 'endpoint.opened'; address: string }
  | { type: 'endpoint.failed'; error: unknown }
  /** There will be no more clients: the one that there was has closed our input, for instance. */
  | { type: 'endpoint.ended' }
  | { type: 'close' };

/**
 * A server, whatever it serves and whatever carries its messages: one endpoint that clients reach, and what is served at
 * it. The endpoint is closed exactly once if it was ever open, and what was served is released exactly once, after it.
 */
export const serverMachine = setup({
  types: { input: {} as ServerInput, context: {} as ServerContext, events: {} as ServerEvent },
  actors: {
    /** Opens the endpoint and tells what came of it: `endpoint.opened` or `endpoint.failed`. */
    openEndpoint: fromCallback<ServerEvent>(() => undefined),
    /** Sends `endpoint.ended` when there will be no more clients. */
    watchEndpoint: fromCallback<ServerEvent>(() => undefined),
    /** Takes no more calls; done when those that run are answered. */
    drainEndpoint: fromPromise<void>(() => Promise.resolve()),
    /** Ends all connections; done when they are gone. */
    closeEndpoint: fromPromise<void>(() => Promise.resolve()),
    /** Ends what was served. */
    releaseServed: fromPromise<void>(() => Promise.resolve()),
  },
  actions: {
    recordAddress: assign({ address: ({ event }) => ('address' in event ? event.address : undefined) }),
    recordError: assign({ error: ({ event }) => ('error' in event ? event.error : undefined) }),
    armTimer: assign({ dueAt: ({ context }) => context.now() + context.graceMs }),
    clearTimer: assign({ dueAt: undefined }),
    /** Tells who started the server that clients reach it. */
    tellStarted: () => {},
    /** Tells that it is gone, and who started it too, if it never served. */
    tellStopped: () => {},
    /** Tells that connections did not end as they should. */
    reportUnclean: () => {},
    /** Tells that what was served did not end as it should. */
    reportUnreleased: () => {},
  },
  delays: { gracePeriod: ({ context }) => context.graceMs },
}).createMachine({
  id: 'server',
  context: ({ input }) => ({ ...input, address: undefined, error: undefined, dueAt: undefined }),
  initial: 'starting',
  states: {
    starting: {
      description: 'The endpoint is being opened, and nobody was told of it yet.',
      invoke: { src: 'openEndpoint' },
      on: { 'endpoint.failed': { target: 'releasing', actions: 'recordError' } },
      initial: 'wanted',
      states: {
        wanted: {
          description: 'The server is to serve as soon as the endpoint is open.',
          on: { 'endpoint.opened': { target: '#server.serving', actions: 'recordAddress' }, close: 'unwanted' },
        },
        unwanted: {
          description: 'The owner closed the server meanwhile: as soon as the endpoint is open, it is closed again.',
          on: { 'endpoint.opened': { target: '#server.draining', actions: 'recordAddress' } },
        },
      },
    },
    serving: {
      description: 'Clients reach the server, and their calls are run.',
      entry: 'tellStarted',
      invoke: { src: 'watchEndpoint' },
      on: { 'endpoint.ended': 'draining', close: 'draining' },
    },
    draining: {
      description: 'No more calls are taken, and those that run are waited for, as long as the grace period lasts.',
      entry: 'armTimer',
      exit: 'clearTimer',
      invoke: { src: 'drainEndpoint', onDone: 'closing', onError: { target: 'closing', actions: 'reportUnclean' } },
      after: { gracePeriod: 'closing' },
    },
    closing: {
      description: 'All connections are being ended, and with them the calls that were not finished in time.',
      invoke: { src: 'closeEndpoint', onDone: 'releasing', onError: { target: 'releasing', actions: 'reportUnclean' } },
    },
    releasing: {
      description: 'No client can reach the server, and what was served is being ended.',
      invoke: {
        src: 'releaseServed',
        onDone: 'stopped',
        onError: { target: 'stopped', actions: 'reportUnreleased' },
      },
    },
    stopped: { description: 'Nothing is left open, and nothing opens again.', type: 'final', entry: 'tellStopped' },
  },
});
