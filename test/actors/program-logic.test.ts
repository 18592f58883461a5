import { readdirSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { assign, setup } from 'xstate';
import * as machines from '../../machines/index.js';
import { machineTable } from '../../docs/generate/programs/machine-table.js';
import { callProgram } from '../../src/connection/programs/call-program.js';
import { gatewayCallProgram } from '../../src/gateway/call/programs/gateway-call-program.js';
import { branchProgram } from '../../src/invocation/programs/branch-program.js';
import { invocationProgram } from '../../src/invocation/programs/invocation-program.js';
import { EdgeCoverage } from '../models/edge-coverage.js';
import { interpretedProgram } from '../models/interpreted-program.js';
import { type AnyProgram, MachinePair, type PairStep } from '../models/machine-pair.js';

const error = fc.constantFrom(new Error('one'), new Error('two'));

// Weighted towards what does not end the call: most of its edges lie far from the start.
const callSteps: fc.Arbitrary<PairStep> = fc.oneof(
  { weight: 10, arbitrary: fc.constant({ type: 'link.ready' }) },
  {
    weight: 8,
    arbitrary: fc.record({ type: fc.constantFrom('link.notSent', 'link.sessionLost', 'link.cutOff'), error }),
  },
  fc.record({ type: fc.constant('link.answered') }),
  fc.record({ type: fc.constantFrom('link.refused', 'connection.refused'), error }),
  fc.record({ type: fc.constant('cancel'), reason: error }),
  { weight: 2, arbitrary: fc.constant({ type: 'deadline.passed' }) },
  fc.constantFrom<PairStep>({ type: 'nobody.knows' }, { ms: 100 }),
);
const callInput = fc.record({ replay: fc.constantFrom('once' as const, 'never' as const) });
const callEffects = [
  'askForLink',
  'stopAsking',
  'send',
  'abandon',
  'resolveAnswered',
  'rejectRefused',
  'rejectTimedOut',
  'rejectCancelled',
  'rejectUnknown',
];

const index = fc.nat(5);
const invocationSteps: fc.Arbitrary<PairStep> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('step.completed'),
      index,
      stops: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constantFrom('step.failed', 'step.denied'), index, code: fc.string() }),
  },
  { weight: 2, arbitrary: fc.nat(150).map((ms) => ({ ms })) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('step.timedOut'), index }) },
  fc.record({ type: fc.constant('cancel'), code: fc.string() }),
);
const invocationInput = fc
  .record({
    inTurn: fc.nat(3),
    sideBySide: fc.nat(3),
    steps: fc.array(
      fc.record({
        plugin: fc.string(),
        mayBlock: fc.boolean(),
        raisesErrors: fc.boolean(),
        timeoutMs: fc.constantFrom(0, 50, 100),
      }),
      { minLength: 6, maxLength: 6 },
    ),
  })
  .map(({ steps, inTurn, sideBySide }) => ({
    steps: steps.slice(0, inTurn + sideBySide).map((step, at) => ({ ...step, sideBySide: at >= inTurn })),
  }));
const invocationEffects = [
  'runStep',
  'abortStep',
  'startBranches',
  'startNextBranch',
  'abortBranches',
  'mergeBranches',
  'reportFailure',
  'startBackground',
  'resolveCompleted',
  'resolveHalted',
  'rejectDenied',
  'rejectFailed',
  'rejectTimedOut',
  'rejectCancelled',
];

const branchSteps: fc.Arbitrary<PairStep> = fc.oneof(
  fc.record({ type: fc.constant('branch.completed'), stops: fc.boolean() }),
  fc.record({ type: fc.constantFrom('branch.denied', 'branch.failed'), code: fc.string() }),
  fc.record({ type: fc.constant('branch.abort') }),
  fc.nat(150).map((ms) => ({ ms })),
);
const branchInput = fc.record({ plugin: fc.string(), timeoutMs: fc.constantFrom(0, 50, 100) });

// Weighted towards what goes on: most of its edges lie behind an answer.
const gatewayCallSteps: fc.Arbitrary<PairStep> = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom<PairStep>({ type: 'rules.allow' }, { type: 'hooks.pass' }) },
  { weight: 6, arbitrary: fc.constant<PairStep>({ type: 'server.answered' }) },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('hooks.retry'), delayMs: fc.nat(100), leftMs: fc.nat(150) }),
  },
  { weight: 2, arbitrary: fc.nat(150).map((ms) => ({ ms })) },
  fc.constantFrom<PairStep>({ type: 'rules.deny' }, { type: 'hooks.block' }, { type: 'failed' }),
  fc.constantFrom<PairStep>({ type: 'deadline.passed' }, { type: 'cancel' }, { type: 'nobody.knows' }),
);
const gatewayCallInput = fc.record({
  server: fc.string(),
  method: fc.constant('tools/call'),
  subject: fc.string(),
  maxLegs: fc.integer({ min: 1, max: 3 }),
});
const gatewayCallEffects = [
  'decide',
  'guardRequest',
  'askServer',
  'guardAnswer',
  'abandon',
  'resolveAnswered',
  'rejectDenied',
  'rejectBlocked',
  'rejectFailed',
  'rejectTimedOut',
  'rejectCancelled',
];

const pairs = {
  gatewayCall: {
    program: gatewayCallProgram as AnyProgram,
    effects: gatewayCallEffects,
    input: gatewayCallInput as fc.Arbitrary<unknown>,
    steps: gatewayCallSteps,
  },
  call: {
    program: callProgram as AnyProgram,
    effects: callEffects,
    input: callInput as fc.Arbitrary<unknown>,
    steps: callSteps,
  },
  invocation: {
    program: invocationProgram as AnyProgram,
    effects: invocationEffects,
    input: invocationInput as fc.Arbitrary<unknown>,
    steps: invocationSteps,
  },
  branch: {
    program: branchProgram as AnyProgram,
    effects: ['runPlugin', 'abortPlugin', 'tellEnded'],
    input: branchInput as fc.Arbitrary<unknown>,
    steps: branchSteps,
  },
};
const names = ['call', 'invocation', 'branch', 'gatewayCall'] as const;

const settling = /^(resolve|reject|tellEnded)/;

/** Somebody comes to watch, or leaves. */
const watching: fc.Arbitrary<PairStep> = fc.record({ watch: fc.constantFrom('inspect', 'observe', 'leave') });

/** An event about a step is about one that there is. */
function placed(event: PairStep, input: unknown): PairStep {
  const { steps = [] } = input as { steps?: unknown[] };
  return 'index' in event
    ? Object.assign({}, event, { index: Number(event.index) % Math.max(steps.length, 1) })
    : event;
}

function holds(
  name: keyof typeof pairs,
  coverage: EdgeCoverage,
  program = pairs[name].program,
): fc.IPropertyWithHooks<[unknown, PairStep[]]> {
  const { effects, input, steps } = pairs[name];
  const happening = fc.oneof({ weight: 6, arbitrary: steps }, { weight: 1, arbitrary: watching });
  return fc.property(input, fc.array(happening, { maxLength: 20, size: 'max' }), (input, happenings) => {
    const pair = new MachinePair(program, effects, input, coverage.inspect);
    for (const event of happenings) pair.take(placed(event, input));
    const settled = pair.effects.filter((effect) => settling.test(effect));
    expect(settled).toHaveLength(pair.status === 'done' ? 1 : 0);
    pair.close();
  });
}

test.each(names)(
  'the %s machine does the same when it is interpreted and when its program is run, watched or not, and settles once',
  (name) => {
    fc.assert(holds(name, new EdgeCoverage(pairs[name].program.machine)), { numRuns: 500 });
  },
);

test.each(names)(
  'so does a program that goes through the rows of the %s machine, as those of made-up machines do',
  (name) => {
    const { machine } = pairs[name].program;
    fc.assert(holds(name, new EdgeCoverage(machine), interpretedProgram(machine) as AnyProgram), { numRuns: 200 });
  },
);

test.each(names)('every edge of the %s machine is taken', (name) => {
  const coverage = new EdgeCoverage(pairs[name].program.machine);
  fc.assert(holds(name, coverage), { numRuns: 2_000, seed: 1 });
  expect(coverage.missing).toEqual([]);
});

test('no machine is without a test that takes its edges', () => {
  const folder = new URL('../', import.meta.url);
  const tests = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.test.ts'));
  const covered = tests
    .map((file) => readFileSync(new URL(file, folder), 'utf8'))
    .flatMap((text) => [...text.matchAll(/new EdgeCoverage\((\w+Machine)\)/g)].map(([, name]) => name));
  const paired = Object.values(pairs).map(({ program }) => program.machine.id);
  const declared = Object.values(machines).map(({ id }) => id);
  expect(declared.filter((id) => !paired.includes(id) && !covered.includes(`${id}Machine`))).toEqual([]);
});

const events = { types: { events: {} as { type: 'go' } } };

test.each([
  {
    what: 'nested states',
    machine: setup(events).createMachine({
      id: 'nested',
      initial: 'outer',
      states: { outer: { initial: 'inner', states: { inner: {} } } },
    }),
    message: 'machine nested: the compound state outer cannot be made a program',
  },
  {
    what: 'a transition without an event, but for where it begins',
    machine: setup(events).createMachine({
      id: 'eventless',
      initial: 'here',
      states: { here: { on: { go: 'there' } }, there: { always: 'here' } },
    }),
    message: 'machine eventless: always in there cannot be made a program',
  },
  {
    what: 'a beginning that does more than choose',
    machine: setup(events).createMachine({
      id: 'busy',
      initial: 'here',
      states: { here: { always: 'there', on: { go: 'there' } }, there: {} },
    }),
    message: 'machine busy: always in here cannot be made a program',
  },
  {
    what: 'a guard that is not named',
    machine: setup(events).createMachine({
      id: 'unnamed',
      initial: 'here',
      states: { here: { on: { go: { guard: () => true, target: 'there' } } }, there: {} },
    }),
    message: 'machine unnamed: the guard undefined cannot be made a program',
  },
  {
    what: 'a wildcard',
    machine: setup(events).createMachine({
      id: 'wild',
      initial: 'here',
      states: { here: { on: { '*': 'there' } }, there: {} },
    }),
    message: 'machine wild: the wildcard * in here cannot be made a program',
  },
  {
    what: 'an assign that is one function',
    machine: setup({ ...events, actions: { change: assign(() => ({})) } }).createMachine({
      id: 'whole',
      initial: 'here',
      states: { here: { on: { go: { target: 'there', actions: 'change' } } }, there: {} },
    }),
    message: 'machine whole: the assign change that names no fields cannot be made a program',
  },
  {
    what: 'transitions of the whole',
    machine: setup(events).createMachine({ id: 'rooted', initial: 'here', on: { go: '.here' }, states: { here: {} } }),
    message: 'machine rooted: what the machine does in every state cannot be made a program',
  },
])('a machine with $what is refused when its program is made', ({ machine, message }) => {
  expect(() => machineTable(machine)).toThrow(message);
});
