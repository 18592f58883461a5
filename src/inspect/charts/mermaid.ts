import type { AnyStateMachine } from 'xstate';
import {
  behaviourLines,
  type Chart,
  type ChartState,
  chartOf,
  internalTransitions,
  isInside,
  transitionText,
} from './chart.js';

/**
 * The machine as a Mermaid `stateDiagram-v2`. What holds for every state inside a composite one (its actions, its
 * transitions inwards) is drawn from a box of its own: Mermaid cannot draw an edge from a composite
 * state into itself.
 */
export function toMermaid(machine: AnyStateMachine): string {
  return chartToMermaid(chartOf(machine));
}

/**
 * The same of a chart.
 *
 * @param active dotted paths of the states that an actor is in; they and those around them get the class `active`. A
 *   path that the chart does not have gets none
 */
export function chartToMermaid(chart: Chart, active: readonly string[] = []): string {
  const lines = [...statesIn(chart, chart.root), ...edges(chart), ...activeLines(chart, active)];
  return ['stateDiagram-v2', ...indent(lines), ''].join('\n');
}

function activeLines(chart: Chart, active: readonly string[]): string[] {
  const known = active.filter((one) => chart.states.some(({ path }) => path === one));
  const around = chart.states.filter(({ path }) => path !== '' && known.some(isInside(path)));
  if (around.length === 0) return [];
  const ids = around.map(({ path }) => idOf(chart, path));
  return ['classDef active stroke-width:3px,font-weight:bold', `class ${ids.join(', ')} active`];
}

function statesIn(chart: Chart, parent: ChartState): string[] {
  const inside = parent.children.flatMap((state) => stateLines(chart, state));
  const initial = parent.initial === undefined ? [] : [`[*] --> ${idOf(chart, parent.initial)}`];
  return [...initial, ...wholeBox(chart, parent), ...inside];
}

function stateLines(chart: Chart, state: ChartState): string[] {
  const id = idOf(chart, state.path);
  const title = `state ${quoted(state.name)} as ${id}`;
  if (state.children.length > 0) {
    return [`${title} {`, ...indent(statesIn(chart, state)), '}'];
  }
  const texts = ownLines(chart, state);
  const end = state.type === 'final' ? [`${id} --> [*]`] : [];
  return [title, ...texts.map((text) => `${id} : ${escaped(text)}`), ...end];
}

function wholeBox(chart: Chart, state: ChartState): string[] {
  const texts = ownLines(chart, state);
  const inwards = chart.transitions.some((one) => one.source === state.path && one.targets.some(isInside(state.path)));
  if (texts.length === 0 && !inwards) return [];
  const id = wholeId(chart, state.path);
  return [`state ${quoted(`${state.name} as a whole`)} as ${id}`, ...texts.map((text) => `${id} : ${escaped(text)}`)];
}

/** What happens inside the box. A state that is entered anew has a `↻`: Mermaid draws loops over its neighbours. */
function ownLines(chart: Chart, state: ChartState): string[] {
  const again = chart.transitions.filter(
    ({ source, targets }) => source === state.path && targets.includes(state.path),
  );
  return [
    ...behaviourLines(state),
    ...internalTransitions(chart, state.path).map(transitionText),
    ...again.map((transition) => `${transitionText(transition)} ↻`),
  ];
}

/** One edge for all transitions between the same two states: Mermaid draws a second one over the first. */
function edges(chart: Chart): string[] {
  const labels = new Map<string, string[]>();
  for (const transition of chart.transitions) {
    for (const target of transition.targets.filter((path) => path !== transition.source)) {
      const edge = `${startOf(chart, transition.source, target)} --> ${idOf(chart, target)}`;
      labels.set(edge, [...(labels.get(edge) ?? []), escaped(transitionText(transition))]);
    }
  }
  return [...labels].map(([edge, texts]) => `${edge} : ${texts.join('<br/>')}`);
}

function startOf(chart: Chart, source: string, target: string): string {
  const isComposite = chart.states.some(({ path, children }) => path === source && children.length > 0);
  return isComposite && isInside(source)(target) ? wholeId(chart, source) : idOf(chart, source);
}

/** Mermaid's own words (`state`, `end`, `note`) are no ids; the machine's name in front keeps clear of them. */
function idOf({ id }: Chart, path: string): string {
  return `${id}.${path}`.replaceAll(/\W+/g, '_');
}

function wholeId({ id }: Chart, path: string): string {
  return [id, ...path.split('.'), 'as whole']
    .filter((part) => part !== '')
    .join('_')
    .replaceAll(/\W+/g, '_');
}

function quoted(text: string): string {
  return `"${escaped(text)}"`;
}

/** These characters mean something to Mermaid; its entity codes stand for themselves. */
function escaped(text: string): string {
  return text.replaceAll(/[#:;"<>{}]/g, (character) => `#${character.codePointAt(0)};`);
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
