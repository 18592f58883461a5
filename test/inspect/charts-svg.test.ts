import { toDirectedGraph } from 'xstate/graph';
import { describe, expect, test } from 'vitest';
import { layOut, type Box } from '../../docs/generate/chart-layout.js';
import { toSvg } from '../../docs/generate/chart-svg.js';
import { chartOf } from '../../src/inspect/charts/chart.js';
import { machineCatalogue } from '../../src/inspect/charts/catalogue.js';
import { edgesOf, nodesOf } from '../fixtures/inspect/directed-graph.js';
import { doorMachine } from '../fixtures/inspect/door-machine.js';

const all = [doorMachine, ...[...machineCatalogue.values()].map(({ machine }) => machine)];

describe.each(all)('the drawing of $id', (machine) => {
  const graph = toDirectedGraph(machine);

  test('has a group for every state', async () => {
    const drawn = groupsOf(await toSvg(machine)).flatMap((group) => group['data-state'] ?? []);
    const paths = nodesOf(graph).map(({ stateNode }) => stateNode.path.join('.'));
    const drawsRoot = machine.root.transitions.size > 0;
    expect(drawn.toSorted()).toEqual(paths.filter((path) => path !== '' || drawsRoot).toSorted());
  });

  test('has an arrow for every edge that leads somewhere, and a line for every other', async () => {
    const groups = groupsOf(await toSvg(machine));
    for (const { source, target, transition } of edgesOf(graph)) {
      const [from, to] = [source.path.join('.'), target.path.join('.')];
      const matching = groups.filter((group) =>
        transition.target === undefined
          ? group['data-event'] === transition.eventType
          : group['data-source'] === from &&
            group['data-target'] === to &&
            group['data-event']?.includes(transition.eventType),
      );
      expect(matching.length, `${from} to ${to} on ${transition.eventType}`).toBeGreaterThan(0);
    }
  });

  test('is well-formed', async () => {
    const svg = await toSvg(machine);
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
    expect(await toSvg(machine)).toBe(await toSvg(machine));
  });

  test('keeps labels clear of each other, of states without children, and inside the page', async () => {
    const { states, edges, width, height } = await layOut(chartOf(machine));
    const labels = edges.flatMap(({ label }) => label ?? []);
    const boxes: Box[] = [...labels, ...states.filter(({ state }) => state.children.length === 0)];
    for (const [index, box] of boxes.entries()) {
      expect(boxes.slice(index + 1).filter((other) => overlaps(box, other))).toEqual([]);
      expect(box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height).toBe(true);
    }
  });

  test('puts states inside the states they belong to', async () => {
    const { states } = await layOut(chartOf(machine));
    for (const outer of states) {
      for (const { path } of outer.state.children) {
        const inner = states.find(({ state }) => state.path === path);
        expect(inner !== undefined && contains(outer, inner)).toBe(true);
      }
    }
  });
});

test('what is written is what was named, whatever characters it has', async () => {
  const svg = await toSvg(doorMachine);
  expect(svg).toContain('>knock: &quot;who?&quot;; &lt;#1&gt;<');
  expect(svg).toContain('<title>Shut, perhaps locked.</title>');
});

test('a drawing has colours for light and for dark pages', async () => {
  expect(await toSvg(doorMachine)).toContain('@media (prefers-color-scheme: dark)');
});

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

function overlaps(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function contains(outer: Box, inner: Box): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}
