import { behaviourLines, type Chart, chartOf, statesUnder } from '../../src/inspect/charts/chart.js';
import { type CataloguedMachine, machineCatalogue } from '../../src/inspect/charts/catalogue.js';
import { toMermaid } from '../../src/inspect/charts/mermaid.js';
import { toSvg } from './chart-svg.js';
import { codeList, type GeneratedFile, generatedNotice, table } from './generated-file.js';

/** The page of all machines, and a drawing of each. */
export async function generateStatecharts(): Promise<GeneratedFile[]> {
  const machines = [...machineCatalogue.values()];
  const drawings = machines.map(async ({ machine }) => ({
    path: `docs/reference/charts/${machine.id}.svg`,
    content: await toSvg(machine),
  }));
  const intro = [
    'Every connection, call and hook invocation is an actor of one of these machines. A box is a state, and a box in a box is a state within a state; a dot points at the state that comes first, and a double frame is final. An arrow carries the event that it waits for, `[the guard]` that must hold, and `/ the actions` that are carried out. Lines inside a box are what the state does by itself, and events that it takes without leaving.',
    '`gatechart charts` prints the same as Mermaid, as JSON for the Stately editor (`--format json`) or as SVG (`--format svg`). In Mermaid, `↻` marks an event on which a state is left and entered anew.',
  ];
  const content = [generatedNotice, '# Statecharts', ...intro, ...machines.flatMap(sectionOf)].join('\n\n');
  return [{ path: 'docs/reference/statecharts.md', content: `${content}\n` }, ...(await Promise.all(drawings))];
}

function sectionOf({ machine, file, about }: CataloguedMachine): string[] {
  const chart = chartOf(machine);
  return [
    `## ${chart.id}`,
    `${about} Declared in [\`${file}\`](../../${file}).`,
    `![Statechart of the ${chart.id} machine](charts/${chart.id}.svg)`,
    '### States',
    stateTable(chart),
    '### Events',
    eventTable(chart),
    '### Names',
    nameList(machine),
    `<details>\n<summary>Mermaid source</summary>\n\n\`\`\`mermaid\n${toMermaid(machine)}\`\`\`\n\n</details>`,
  ];
}

function stateTable(chart: Chart): string {
  const rows = chart.root.children.flatMap(statesUnder).map((state) => {
    const notes = [state.type === 'final' ? 'Final.' : '', state.description ?? ''];
    return [
      stateName(chart, state.path),
      notes.filter((note) => note !== '').join(' '),
      behaviourLines(state)
        .map((line) => `\`${line}\``)
        .join('<br>'),
    ];
  });
  return table(['state', 'what is true in it', 'what it does'], rows);
}

function eventTable(chart: Chart): string {
  const rows = chart.transitions.map(({ source, label, guard, actions, targets }) => [
    stateName(chart, source),
    `\`${label}\``,
    guard === undefined ? '' : `\`${guard}\``,
    codeList(actions),
    targets.length === 0 ? 'stays' : targets.map((target) => stateName(chart, target)).join(', '),
  ]);
  return table(['in', 'event', 'if', 'does', 'goes to'], rows);
}

function stateName(chart: Chart, path: string): string {
  return path === '' ? `any (${chart.id})` : `\`${path}\``;
}

function nameList({ implementations }: CataloguedMachine['machine']): string {
  const { actions, guards, delays, actors } = implementations;
  return Object.entries({ actions, guards, delays, actors })
    .map(([kind, named]) => [kind, Object.keys(named)] as const)
    .filter(([, names]) => names.length > 0)
    .map(([kind, names]) => `- ${kind}: ${codeList(names)}`)
    .join('\n');
}
