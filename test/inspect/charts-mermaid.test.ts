import DOMPurify from 'dompurify';
import { toDirectedGraph } from 'xstate/graph';
import { beforeAll, describe, expect, test } from 'vitest';
import { chartOf, transitionText } from '../../src/inspect/charts/chart.js';
import { machineCatalogue } from '../../src/inspect/charts/catalogue.js';
import { chartToMermaid, toMermaid } from '../../src/inspect/charts/mermaid.js';
import { chartedMachines } from '../../src/inspect/live/page/chart/machine-charts.js';
import { machineChart } from './page/charted.js';
import { doorMachine } from '../fixtures/inspect/door-machine.js';
import { edgesOf, nodesOf } from '../fixtures/inspect/directed-graph.js';

const all = [doorMachine, ...[...machineCatalogue.values()].map(({ machine }) => machine)];

test('a machine with one of everything prints exactly so', () => {
  expect(toMermaid(doorMachine)).toBe(`stateDiagram-v2
  [*] --> door_closed
  state "door as a whole" as door_as_whole
  door_as_whole : pull / creak
  state "closed" as door_closed
  door_closed : push [isHeavy] / creak
  state "open" as door_open {
    [*] --> door_open_moving
    state "open as a whole" as door_open_as_whole
    door_open_as_whole : entry / creak
    state "moving" as door_open_moving
    door_open_moving : invoke / swing
    state "still" as door_open_still
    door_open_still : any event ↻
  }
  state "broken" as door_broken
  door_broken : exit / creak
  door_broken --> [*]
  door_as_whole --> door_broken : break
  door_closed --> door_open : push<br/>knock#58; #34;who?#34;#59; #60;#35;1#62; / count(1)
  door_open --> door_broken : after 5000 ms
  door_open --> door_closed : after autoClose
  door_open_moving --> door_open_still : swing done
  door_open_moving --> door_broken : swing failed
  door_open_still --> door_open_moving : always [isHeavy]
`);
});

describe.each(all)('the Mermaid chart of $id', (machine) => {
  // In a browser Mermaid cleans its labels; without one there is no cleaner, and the grammar does not ask for it.
  beforeAll(() => {
    Object.assign(DOMPurify, { sanitize: (text: string) => text, addHook: () => {} });
  });

  test('is accepted by Mermaid', async () => {
    const { default: mermaid } = await import('mermaid');
    await expect(mermaid.parse(toMermaid(machine))).resolves.toMatchObject({ diagramType: 'stateDiagram' });
  });

  test('has a class for each state that is active, and for those around it', async () => {
    const { default: mermaid } = await import('mermaid');
    const chart = chartOf(machine);
    const leaves = chart.states.filter(({ children, path }) => children.length === 0 && path !== '');
    for (const { path } of leaves) {
      const around = path.split('.').map((_, index, names) => [machine.id, ...names.slice(0, index + 1)].join('.'));
      const last = chartToMermaid(chart, [path]).trimEnd().split('\n').at(-1);
      expect(last).toBe(`  class ${around.map(idOf).join(', ')} active`);
    }
    const all = chartToMermaid(
      chart,
      leaves.map(({ path }) => path),
    );
    await expect(mermaid.parse(all)).resolves.toMatchObject({ diagramType: 'stateDiagram' });
  });

  test('holds every state, and every edge with its event, guard and actions', () => {
    const lines = toMermaid(machine)
      .split('\n')
      .map((line) => plain(line.trim()));
    const { transitions } = chartOf(machine);
    const graph = toDirectedGraph(machine);

    for (const { stateNode } of nodesOf(graph).filter((node) => node.stateNode.path.length > 0)) {
      const declared = lines.filter((line) => line.replace(/ \{$/, '').endsWith(` as ${idOf(stateNode.id)}`));
      expect(declared).toHaveLength(1);
    }
    for (const { source, target, transition } of edgesOf(graph)) {
      const [path, event] = [source.path.join('.'), transition.eventType];
      const texts = transitions.filter((one) => one.source === path && one.event === event).map(transitionText);
      const isWhole =
        Object.keys(source.states).length > 0 && (source === target || target.id.startsWith(`${source.id}.`));
      const start = isWhole ? `${idOf(source.id)}_as_whole` : idOf(source.id);
      const line =
        transition.target === undefined || source === target
          ? lines.find((one) => texts.some((text) => [text, `${text} ↻`].includes(one.slice(`${start} : `.length))))
          : lines.find((one) => one.startsWith(`${start} --> ${idOf(target.id)} : `));
      expect(texts.some((text) => line?.includes(text))).toBe(true);
    }
  });
});

test('without an active state, or with one that the chart does not have, there is no class', () => {
  const chart = chartOf(doorMachine);
  for (const active of [[], ['open.gone"\n  x --> y'], ['']]) {
    expect(chartToMermaid(chart, active)).toBe(toMermaid(doorMachine));
  }
});

test.each(chartedMachines)('the page, which has no machines, writes the same of %s', (id) => {
  const machine = machineCatalogue.get(id)?.machine;
  expect(machine !== undefined && chartToMermaid(machineChart(id).chart) === toMermaid(machine)).toBe(true);
});

test('a chart with a mistake in it is not accepted', async () => {
  const { default: mermaid } = await import('mermaid');
  await expect(mermaid.parse(toMermaid(doorMachine).replace('}', ''))).rejects.toThrow(/Parse error/);
});

/** The line as a reader sees it. */
function plain(line: string): string {
  return line.replaceAll(/#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
}

function idOf(stateId: string): string {
  return stateId.replaceAll('.', '_');
}
