import { runInNewContext } from 'node:vm';
import { type AnyStateMachine, createMachine } from 'xstate';
import { toDirectedGraph } from 'xstate/graph';
import { describe, expect, test } from 'vitest';
import * as machines from '../../machines/index.js';
import { chartOf, transitionText } from '../../src/inspect/charts/chart.js';
import { machineCatalogue } from '../../src/inspect/charts/catalogue.js';
import { toStatelyCode, toStatelyJson } from '../../src/inspect/charts/stately.js';
import { doorMachine } from '../fixtures/inspect/door-machine.js';

const all = [doorMachine, ...[...machineCatalogue.values()].map(({ machine }) => machine)];

test('every machine that is exported is in the catalogue', () => {
  const exported = Object.values(machines).map((machine) => machine.id);
  expect([...machineCatalogue.keys()].toSorted()).toEqual(exported.toSorted());
});

describe('the chart of a machine', () => {
  const chart = chartOf(doorMachine);

  test('holds every state with what it is and does', () => {
    expect(chart.states.map(({ path, type, initial }) => [path, type, initial])).toEqual([
      ['', 'compound', 'closed'],
      ['closed', 'atomic', undefined],
      ['open', 'compound', 'open.moving'],
      ['open.moving', 'atomic', undefined],
      ['open.still', 'atomic', undefined],
      ['broken', 'final', undefined],
    ]);
    expect(chart.states[1]).toMatchObject({ description: 'Shut, perhaps locked.', entry: [], exit: [] });
    expect(chart.states[2]).toMatchObject({ entry: ['creak'], exit: [], invokes: [] });
    expect(chart.states[3]).toMatchObject({ invokes: ['swing'] });
    expect(chart.states[5]).toMatchObject({ exit: ['creak'] });
  });

  test('names events in words and leaves out those that are only shut out', () => {
    expect(chart.transitions.map((one) => [one.source, transitionText(one), ...one.targets])).toEqual([
      ['', 'break', 'broken'],
      ['', 'pull / creak'],
      ['closed', 'push [isHeavy] / creak'],
      ['closed', 'push', 'open'],
      ['closed', 'knock: "who?"; <#1> / count(1)', 'open'],
      ['open', 'after 5000 ms', 'broken'],
      ['open', 'after autoClose', 'closed'],
      ['open.moving', 'swing done', 'open.still'],
      ['open.moving', 'swing failed', 'broken'],
      ['open.still', 'any event', 'open.still'],
      ['open.still', 'always [isHeavy]', 'open.moving'],
    ]);
  });
});

const fromJson = (machine: AnyStateMachine) => createMachine(JSON.parse(toStatelyJson(machine)));
const fromCode = (machine: AnyStateMachine) => runInNewContext(toStatelyCode(machine), { createMachine });
const ways = all.flatMap((machine) => [
  { id: machine.id, way: 'JSON', machine, again: fromJson(machine) },
  { id: machine.id, way: 'code', machine, again: fromCode(machine) },
]);

describe.each(ways)('$id as $way for the Stately editor', ({ machine, again }) => {
  test('makes a machine with the same states and edges', () => {
    expect(JSON.stringify(toDirectedGraph(again))).toBe(JSON.stringify(toDirectedGraph(machine)));
  });

  test('keeps guards, actions, delays, actors and descriptions', () => {
    expect(chartOf(again)).toEqual(chartOf(machine));
  });
});

test('an event that a state shuts out is still shut out after the way through JSON', () => {
  const again = createMachine(JSON.parse(toStatelyJson(machines.connectionMachine)));
  expect(again.root.states['closing']?.transitions.get('close')).toMatchObject([{ target: undefined, actions: [] }]);
});
