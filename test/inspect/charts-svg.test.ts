import type { AnyStateMachine } from 'xstate';
import { toDirectedGraph } from 'xstate/graph';
import { describe, expect, test } from 'vitest';
import { layOut } from '../../docs/generate/chart-layout.js';
import { toSvg } from '../../docs/generate/chart-svg.js';
import { chartOf } from '../../src/inspect/charts/chart.js';
import type { ChartForm } from '../../src/inspect/charts/placement.js';
import { machineCatalogue } from '../../src/inspect/charts/catalogue.js';
import { edgesOf, nodesOf } from '../fixtures/inspect/directed-graph.js';
import { doorMachine } from '../fixtures/inspect/door-machine.js';

const all = [doorMachine, ...[...machineCatalogue.values()].map(({ machine }) => machine)];

const forms: ChartForm[] = ['full', 'tall', 'wide'];

describe.each(all)('the drawing of $id', (machine) => {
  const graph = toDirectedGraph(machine);

  test.each(forms)('has a group for every state (%s)', async (form) => {
    const drawn = groupsOf(await drawing(machine, form)).flatMap((group) => group['data-state'] ?? []);
    const paths = nodesOf(graph).map(({ stateNode }) => stateNode.path.join('.'));
    const drawsRoot = form === 'full' && machine.root.transitions.size > 0;
    expect(drawn.toSorted()).toEqual(paths.filter((path) => path !== '' || drawsRoot).toSorted());
  });

  test.each(forms)('has an arrow for every edge that leads somewhere (%s)', async (form) => {
    const groups = groupsOf(await drawing(machine, form));
    for (const { source, target, transition } of edgesOf(graph)) {
      if (transition.target === undefined) continue;
      const [from, to] = [source.path.join('.'), target.path.join('.')];
      const arrows = groups.filter((group) => group['data-source'] === from && group['data-target'] === to);
      expect(arrows.some((group) => group['data-event']?.includes(transition.eventType))).toBe(true);
    }
  });

  test('has a line for every edge that leads nowhere, and no words on a map but names', async () => {
    const lines = groupsOf(await drawing(machine)).flatMap((group) => group['data-event'] ?? []);
    for (const { transition } of edgesOf(graph)) {
      if (transition.target === undefined) expect(lines).toContain(transition.eventType);
    }
    for (const form of ['tall', 'wide'] as const) {
      const words = [...(await drawing(machine, form)).matchAll(/<text[^>]*>(.*?)<\/text>/g)].map(([, text]) => text);
      expect(words.filter((text) => text !== 'in any state' && !text?.includes('class="name"'))).toEqual([]);
    }
  });

  test('is well-formed', async () => {
    const svg = await drawing(machine);
    const open: string[] = [];
    for (const [, end, name = '', selfClosing] of svg.matchAll(
      /<(\/?)([a-zA-Z]+)(?:\s+[\w-]+="[^"<&]*(?:&\w+;[^"<&]*)*")*(\/?)>/g,
    )) {
      if (end === '/') expect(open.pop()).toBe(name);
      else if (selfClosing === '') open.push(name);
    }
    expect(open).toEqual([]);
    expect(svg.match(/<\w/g)?.length).toBe(svg.match(/<[a-zA-Z]+(?=[\s/>])/g)?.length);
  });

  test('is the same every time', async () => {
    expect(await drawAnew(machine, 'full')).toBe(await drawing(machine));
  });
});

test('what is written is what was named, whatever characters it has', async () => {
  const svg = await drawing(doorMachine);
  expect(svg).toContain('>knock: &quot;who?&quot;; &lt;#1&gt;<');
  expect(svg).toContain('<title>Shut, perhaps locked.</title>');
});

test('a drawing has colours for light and for dark pages', async () => {
  expect(await drawing(doorMachine)).toContain('@media (prefers-color-scheme: dark)');
});

const drawings = new Map<string, Promise<string>>();

/** Drawn once for all tests. */
function drawing(machine: AnyStateMachine, form: ChartForm = 'full'): Promise<string> {
  const key = `${machine.id} ${form}`;
  const drawn = drawings.get(key) ?? drawAnew(machine, form);
  drawings.set(key, drawn);
  return drawn;
}

async function drawAnew(machine: AnyStateMachine, form: ChartForm): Promise<string> {
  const chart = chartOf(machine);
  return toSvg(chart, form, await layOut(chart, form));
}

/** The attributes of every group. */
function groupsOf(svg: string): Record<string, string>[] {
  return [...svg.matchAll(/<g ([^>]*)>/g)].map(([, attributes = '']) =>
    Object.fromEntries(
      [...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name, value = '']) => [name, plain(value)]),
    ),
  );
}

function plain(value: string): string {
  return value.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}
