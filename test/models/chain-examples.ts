import type { Act, Answer, Mode, Scenario, ScenarioPlugin } from './chain-scenario.js';

const nothing: Answer = {
  stops: false,
  violation: false,
  modification: { kind: 'none' },
  metadata: 'none',
  header: undefined,
  retryDelayMs: undefined,
};

/** Answers at once that nothing is to be changed. */
const passes: Act = {
  takes: 'sync',
  writes: [],
  lastWrites: [],
  heedsSignal: false,
  end: { kind: 'answers', answer: nothing },
};

/** A plugin that does this in the first round, and lets all pass in the second. */
function does(mode: Mode, first: Partial<Act>, rest: Partial<ScenarioPlugin> = {}): ScenarioPlugin {
  return {
    mode,
    onError: undefined,
    priority: 1,
    conditions: [],
    noted: undefined,
    acts: [{ ...passes, ...first }, passes],
    ...rest,
  };
}

const answers = (answer: Partial<Answer>): Act['end'] => ({ kind: 'answers', answer: { ...nothing, ...answer } });

const usual: Omit<Scenario, 'plugins'> = {
  hook: 'tool_pre_invoke',
  policy: 'allow',
  modeDialect: 'contextforge',
  failOnPluginError: false,
  violationsAsExceptions: false,
  executionPool: 10,
  cancelAfter: [undefined, undefined],
  closeAfter: undefined,
  shutdownTimeoutMs: 10_000,
};

/** Cases that once failed. */
export const examples: Readonly<Record<string, Scenario>> = {
  'a late answer of a plugin in turn is none of the gates that run by then': {
    ...usual,
    plugins: [
      does('permissive', { takes: undefined, heedsSignal: true }),
      does('concurrent', { takes: 5, end: answers({ stops: true }) }),
    ],
  },
  'what a gate does to the headers of its answer afterwards is none of the chain': {
    ...usual,
    plugins: [
      does('concurrent', { end: answers({ header: 1 }) }),
      does('concurrent', { takes: 5 }),
      does('concurrent', { takes: 10 }),
    ],
    executionPool: 2,
  },
  'of gates that stop at once the first in the chain decides, and the violation is its own': {
    ...usual,
    plugins: [
      does('concurrent', { end: answers({ stops: true }) }),
      does('concurrent', { end: answers({ stops: true, violation: true }) }),
    ],
  },
  'of gates that fail at once the first in the chain decides, and the error is its own': {
    ...usual,
    plugins: [does('concurrent', { end: { kind: 'denies' } }), does('concurrent', { end: { kind: 'throws' } })],
  },
  'what runs after a block is given what the blocker saw, also where its modification is kept': {
    ...usual,
    hook: 'http_pre_request',
    plugins: [
      does('enforce_ignore_error', {
        end: answers({ stops: true, modification: { kind: 'headers', key: 'x', value: 0 } }),
      }),
      does('fire_and_forget', {}),
    ],
  },
};
