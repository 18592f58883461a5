import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, type AnyStateNode, StateMachine } from 'xstate';
import * as exported from '../../machines/index.js';

const folder = new URL('../../machines/', import.meta.url);
const files = readdirSync(folder);
const machines = Object.values(exported).filter(
  (value): value is AnyStateMachine & typeof value => value instanceof StateMachine,
);

function statesOf(node: AnyStateNode): AnyStateNode[] {
  return [node, ...Object.values(node.states).flatMap(statesOf)];
}

/** Everything a state refers to: names, or what stands there in the place of one. */
function referencesOf({ entry, exit, invoke, transitions, initial }: AnyStateNode): unknown[] {
  const taken = [...transitions.values()].flat();
  return [
    ...entry,
    ...exit,
    ...(initial?.actions ?? []),
    ...taken.flatMap(({ actions }) => actions),
    ...taken.flatMap(({ guard }) => guard ?? []),
    ...invoke.map(({ src }) => src),
  ];
}

/** XState's own, by which it keeps `after`. */
function isTimer(reference: unknown): boolean {
  return typeof reference === 'function' && ['xstate.raise', 'xstate.cancel'].includes(Reflect.get(reference, 'type'));
}

function isNamed(reference: unknown): boolean {
  if (typeof reference === 'string') return true;
  return typeof reference === 'object' && reference !== null && typeof Reflect.get(reference, 'type') === 'string';
}

describe.each(machines.map((machine) => [machine.id, machine] as const))('the machine %s', (_id, machine) => {
  it('says of every state in a sentence what is true in it', () => {
    const silent = statesOf(machine.root).filter(
      (node) => node !== machine.root && !/^[A-Z].*[.]$/.test(node.description ?? ''),
    );
    expect(silent.map(({ id }) => id)).toEqual([]);
  });

  it('has names for all that it does not do itself', () => {
    const nodes = statesOf(machine.root);
    const references = nodes.flatMap(referencesOf).filter((reference) => !isTimer(reference));
    expect(references.filter((reference) => !isNamed(reference))).toEqual([]);
    const delays = nodes.flatMap(({ after }) => after.map(({ delay }) => delay));
    expect(delays.filter((delay) => typeof delay !== 'string')).toEqual([]);
  });
});

describe.each(files.filter((file) => file.endsWith('.machine.ts')))('%s', (file) => {
  const text = readFileSync(new URL(file, folder), 'utf8');

  it('declares one machine, which the index exports', () => {
    const names = [...text.matchAll(/^export const (\w+Machine)\b/gm)].map(([, name]) => name);
    expect(names).toHaveLength(1);
    expect(Object.keys(exported)).toEqual(expect.arrayContaining(names));
  });

  it('can be read at one sitting', () => {
    expect(text.split('\n').length).toBeLessThanOrEqual(150);
  });
});
