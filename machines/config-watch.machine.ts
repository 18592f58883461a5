import { assign, fromPromise, setup } from 'xstate';

/** What the watch over a file starts with. Times in milliseconds. */
export interface ConfigWatchInput {
  /** How long a file that changed must have been left alone. */
  readonly settleMs: number;
  /** What the file looked like before it was read. */
  readonly seen: string | undefined;
}

/** What it remembers. */
export interface ConfigWatchContext extends ConfigWatchInput {
  /** What the file looked like when last looked at; undefined while there is none. */
  readonly found: string | undefined;
}

/** What its owner asks of it. */
export type ConfigWatchEvent = { type: 'close' };

/** Follows the file of a configuration. A file is read only once it has been left alone, because editors write in pieces. */
export const configWatchMachine = setup({
  types: { input: {} as ConfigWatchInput, context: {} as ConfigWatchContext, events: {} as ConfigWatchEvent },
  actors: {
    /** Waits until the file looks otherwise than it did; tells how, undefined where there is none, or nothing in it. */
    awaitOtherLook: fromPromise<string | undefined, { readonly before: string | undefined }>(() =>
      Promise.resolve(undefined),
    ),
    /** Tells what the file looks like, links followed. */
    lookAtFile: fromPromise<string | undefined>(() => Promise.resolve(undefined)),
    /** Puts what is in the file in force, or says why not; never fails. */
    reloadFile: fromPromise<void>(() => Promise.resolve()),
  },
  actions: {
    recordFound: assign({ found: ({ event }) => lookIn(event) }),
    recordSeen: assign({ seen: ({ context }) => context.found }),
    /** Tells that there is no file. */
    reportLost: () => {},
  },
  guards: {
    isGone: ({ event }) => lookIn(event) === undefined,
    /** There was no file when it was to be read. */
    wasGone: ({ context }) => context.seen === undefined,
    /** As it was when it was looked at before. */
    isSettled: ({ context, event }) => lookIn(event) === context.found,
  },
  delays: {
    settling: ({ context }) => context.settleMs,
  },
}).createMachine({
  id: 'configWatch',
  context: ({ input }) => ({ ...input, found: input.seen }),
  initial: 'waiting',
  on: { close: '.closed' },
  states: {
    waiting: {
      description: 'What is in the file was read, whatever came of it. It is looked at again and again.',
      always: { guard: 'wasGone', target: 'lost', actions: 'reportLost' },
      invoke: {
        src: 'awaitOtherLook',
        input: ({ context }) => ({ before: context.seen }),
        onDone: [
          { guard: 'isGone', target: 'lost', actions: ['recordFound', 'reportLost'] },
          { target: 'settling', actions: 'recordFound' },
        ],
      },
    },
    settling: {
      description: 'The file has changed, and may be changing still.',
      after: { settling: 'confirming' },
    },
    confirming: {
      description: 'The file is being looked at once more.',
      invoke: {
        src: 'lookAtFile',
        onDone: [
          { guard: 'isGone', target: 'lost', actions: ['recordFound', 'reportLost'] },
          { guard: 'isSettled', target: 'reloading', actions: 'recordSeen' },
          { target: 'settling', actions: 'recordFound' },
        ],
      },
    },
    reloading: {
      description: 'The file has been left alone, and what is in it is being put in force.',
      invoke: { src: 'reloadFile', onDone: 'waiting' },
    },
    lost: {
      description: 'There is no file, or nothing in it. What was read last stays in force, and the file is looked for.',
      invoke: {
        src: 'awaitOtherLook',
        input: () => ({ before: undefined }),
        onDone: { target: 'settling', actions: 'recordFound' },
      },
    },
    closed: { description: 'Nobody follows the file any more.', type: 'final' },
  },
});

function lookIn(event: { readonly type: string }): string | undefined {
  const output: unknown = 'output' in event ? event.output : undefined;
  return typeof output === 'string' ? output : undefined;
}
