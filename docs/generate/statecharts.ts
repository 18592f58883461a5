import { behaviourLines, type Chart, chartOf, statesUnder } from '../../src/inspect/charts/chart.js';
import { type CataloguedMachine, machineCatalogue } from '../../src/inspect/charts/catalogue.js';
import { toMermaid } from '../../src/inspect/charts/mermaid.js';
import { chartData, type MachineData } from '../../src/inspect/charts/chart-data.js';
import { placementOf } from '../../src/inspect/charts/placement.js';
import { layOut } from './chart-layout.js';
import { toSvg } from './chart-svg.js';
import { codeList, type GeneratedFile, generatedNotice, table } from './generated-file.js';

const folder = 'docs/reference/charts';

/** The page of all machines, three drawings of each, and the same as data for the page of the inspector. */
export async function generateStatecharts(): Promise<GeneratedFile[]> {
  const machines = [...machineCatalogue.values()];
  const drawn = await Promise.all(machines.map(drawingsOf));
  const intro = [
    'Every connection, call and hook invocation is an actor of one of these machines. A box is a state, and a box in a box is a state within a state; a dot points at the state that comes first, and a double frame is final. An arrow carries the event that it waits for, `[the guard]` that must hold, and `/ the actions` that are carried out. Lines inside a box are what the state does by itself, and events that it takes without leaving.',
    '`gatechart charts` prints the same as Mermaid, as code that the editor of Stately imports (`--format stately`), as JSON (`--format json`) or as SVG (`--format svg`). In Mermaid, `↻` marks an event on which a state is left and entered anew.',
  ];
  const content = [generatedNotice, '# Statecharts', ...intro, ...machines.flatMap(sectionOf)].join('\n\n');
  return [
    { path: 'docs/reference/statecharts.md', content: `${content}\n` },
    ...drawn.flat(),
    {
      path: `${folder}/layouts/machines.json`,
      content: `${JSON.stringify([...machineCatalogue.keys()])}
`,
    },
  ];
}

async function drawingsOf({ machine, about }: CataloguedMachine): Promise<GeneratedFile[]> {
  const chart = chartOf(machine);
  const [full, tall, wide] = [await layOut(chart, 'full'), await layOut(chart, 'tall'), await layOut(chart, 'wide')];
  const data: MachineData = {
    about,
    chart: chartData(chart),
    full: placementOf(full),
    tall: placementOf(tall),
    wide: placementOf(wide),
  };
  return [
    { path: `${folder}/${chart.id}.svg`, content: toSvg(chart, 'full', full) },
    { path: `${folder}/${chart.id}.tall.svg`, content: toSvg(chart, 'tall', tall) },
    { path: `${folder}/${chart.id}.wide.svg`, content: toSvg(chart, 'wide', wide) },
    { path: `${folder}/layouts/${chart.id}.json`, content: json(data) },
  ];
}

/** A row for each part, so that a change shows what it is about. */
function json(value: MachineData): string {
  const rows = Object.entries(value).map(([name, entry]) => `${JSON.stringify(name)}:${JSON.stringify(entry)}`);
  return `{\n${rows.join(',\n')}\n}\n`;
}

function sectionOf({ machine, file, about }: CataloguedMachine): string[] {
  const chart = chartOf(machine);
  return [
    `## ${chart.id}`,
    `${about} Declared in [\`${file}\`](../../${file}).`,
    `![Statechart of the ${chart.id} machine](charts/${chart.id}.svg)`,
    `As a map, names and arrows alone: [tall](charts/${chart.id}.tall.svg), [wide](charts/${chart.id}.wide.svg).`,
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
