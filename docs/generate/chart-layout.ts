import elk, { type ElkExtendedEdge, type ElkNode, type ElkPoint } from 'elkjs/lib/elk.bundled.js';
import {
  behaviourLines,
  type Chart,
  type ChartState,
  type ChartTransition,
  internalTransitions,
  isInside,
} from '../../src/inspect/charts/chart.js';
import { textWidth } from './text-width.js';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** One line of text in a state; `transition` where the line is an internal one. */
export interface StateLine {
  readonly text: string;
  readonly transition: ChartTransition | undefined;
}

export interface PlacedState extends Box {
  readonly state: ChartState;
  readonly lines: readonly StateLine[];
}

/** All transitions from one state to another, drawn as one arrow. */
export interface PlacedEdge {
  readonly source: string;
  readonly target: string;
  readonly transitions: readonly ChartTransition[];
  readonly points: readonly ElkPoint[];
  readonly label: Box | undefined;
}

export interface ChartLayout {
  readonly width: number;
  readonly height: number;
  readonly states: readonly PlacedState[];
  /** The dots that mark where a composite state begins. */
  readonly dots: readonly Box[];
  /** Where the arrows start that lead from a composite state to one inside it. */
  readonly anyStates: readonly Box[];
  readonly edges: readonly PlacedEdge[];
}

export const anyStateText = 'in any state';

export const metrics = { nameSize: 14, lineSize: 11, header: 30, line: 16, padding: 12, dot: 10 };

const layoutOptions = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
  'elk.randomSeed': '1',
  'elk.spacing.nodeNode': '28',
  'elk.spacing.edgeNode': '18',
  'elk.spacing.edgeEdge': '14',
  'elk.spacing.edgeLabel': '4',
  'elk.layered.spacing.nodeNodeBetweenLayers': '28',
  'elk.layered.spacing.edgeNodeBetweenLayers': '18',
  'elk.layered.considerModelOrder.strategy': 'PREFER_NODES',
  'elk.layered.nodePlacement.strategy': 'BRANDES_KOEPF',
  'elk.layered.nodePlacement.bk.fixedAlignment': 'BALANCED',
  'elk.layered.thoroughness': '40',
};

/** Places every state and arrow. The same chart is always placed the same way. */
export async function layOut(chart: Chart): Promise<ChartLayout> {
  const drawsRoot = linesOf(chart, chart.root).length > 0 || chart.transitions.some(({ source }) => source === '');
  const root: ElkNode = {
    id: 'page',
    layoutOptions: { ...layoutOptions, 'elk.padding': '[top=16,left=16,bottom=16,right=16]' },
    children: drawsRoot ? [nodeOf(chart, chart.root)] : childrenOf(chart, chart.root),
    edges: [...initialEdges(chart), ...transitionEdges(chart)],
  };
  const placed = await new elk.default().layout(root);
  return readLayout(chart, placed);
}

function linesOf(chart: Chart, state: ChartState): StateLine[] {
  return [
    ...behaviourLines(state).map((text) => ({ text, transition: undefined })),
    ...internalTransitions(chart, state.path).map((transition) => ({ text: labelText(transition), transition })),
  ];
}

/** The two rows of a transition on an arrow: what it waits for, and what it does. */
export function labelRows({ label, guard, actions }: ChartTransition): { head: string; guard: string; effect: string } {
  return {
    head: label,
    guard: guard === undefined ? '' : `[${guard}]`,
    effect: actions.length === 0 ? '' : `/ ${actions.join(', ')}`,
  };
}

function labelText(transition: ChartTransition): string {
  const { head, guard, effect } = labelRows(transition);
  return [head, guard, effect].filter((part) => part !== '').join(' ');
}

function nodeOf(chart: Chart, state: ChartState): ElkNode {
  const lines = linesOf(chart, state);
  const width =
    2 * metrics.padding +
    Math.max(
      textWidth(state.name, metrics.nameSize) * 1.08,
      ...lines.map(({ text }) => textWidth(text, metrics.lineSize)),
    );
  const height = metrics.header + (lines.length === 0 ? 0 : lines.length * metrics.line + 10);
  const size = { width: Math.ceil(Math.max(width, 76)), height: Math.ceil(height) };
  if (state.children.length === 0) return { id: nodeId(state.path), ...size };
  return {
    id: nodeId(state.path),
    children: childrenOf(chart, state),
    layoutOptions: {
      'elk.padding': `[top=${height + 14},left=18,bottom=18,right=18]`,
      'elk.nodeSize.constraints': 'MINIMUM_SIZE',
      'elk.nodeSize.minimum': `(${size.width},${size.height})`,
    },
  };
}

function childrenOf(chart: Chart, state: ChartState): ElkNode[] {
  const dot = { id: dotId(state.path), width: metrics.dot, height: metrics.dot };
  const any = { id: anyId(state.path), width: textWidth(anyStateText, metrics.lineSize) + 16, height: 20 };
  const leadsInwards = chart.transitions.some(
    (one) => one.source === state.path && one.targets.some(isInside(one.source)),
  );
  return [
    ...(state.initial === undefined ? [] : [dot]),
    ...state.children.map((child) => nodeOf(chart, child)),
    ...(leadsInwards ? [any] : []),
  ];
}

function initialEdges(chart: Chart): ElkExtendedEdge[] {
  return chart.states.flatMap(({ path, initial }) =>
    initial === undefined ? [] : [{ id: `initial:${path}`, sources: [dotId(path)], targets: [nodeId(initial)] }],
  );
}

function transitionEdges(chart: Chart): ElkExtendedEdge[] {
  return [...groupByEnds(chart)].map(([id, transitions]) => {
    const [source, target] = endsOf(id);
    const start = isComposite(chart, source) && isInside(source)(target) ? anyId(source) : nodeId(source);
    const ends = pointsUp(chart, id) ? [nodeId(target), start] : [start, nodeId(target)];
    return {
      id,
      sources: ends.slice(0, 1),
      targets: ends.slice(1),
      labels: [{ text: id, ...labelSize(transitions), layoutOptions: { 'elk.edgeLabels.inline': 'true' } }],
    };
  });
}

/**
 * States are declared in the order in which they are usually passed. An arrow against that order is given to the
 * layout the other way round: left to itself, it picks arrows to turn that put the first state in the middle.
 */
function pointsUp(chart: Chart, id: string): boolean {
  const [from, to] = endsOf(id).map((path) => chart.states.findIndex((state) => state.path === path));
  return from !== undefined && to !== undefined && from > to;
}

function endsOf(id: string): [source: string, target: string] {
  const [source = '', target = ''] = id.split('>');
  return [source, target];
}

function groupByEnds(chart: Chart): Map<string, ChartTransition[]> {
  const groups = new Map<string, ChartTransition[]>();
  for (const transition of chart.transitions) {
    for (const target of transition.targets) {
      const id = `${transition.source}>${target}`;
      groups.set(id, [...(groups.get(id) ?? []), transition]);
    }
  }
  return groups;
}

function labelSize(transitions: readonly ChartTransition[]): { width: number; height: number } {
  const rows = transitions.map(labelRows);
  const widths = rows.flatMap(({ head, guard, effect }) => [
    textWidth(`${head} `, metrics.lineSize) * 1.08 + textWidth(guard, metrics.lineSize),
    textWidth(effect, metrics.lineSize),
  ]);
  const lines = rows.reduce((count, { effect }) => count + (effect === '' ? 1 : 2), 0);
  return { width: Math.ceil(Math.max(...widths)) + 14, height: lines * 14 + (rows.length - 1) * 5 + 8 };
}

function readLayout(chart: Chart, placed: ElkNode): ChartLayout {
  const boxes = new Map(nodesUnder(placed).map((node) => [node.id, boxOf(node)]));
  const groups = groupByEnds(chart);
  return {
    width: Math.ceil(placed.width ?? 0),
    height: Math.ceil(placed.height ?? 0),
    states: chart.states.flatMap((state) => {
      const box = boxes.get(nodeId(state.path));
      return box === undefined ? [] : [{ ...box, state, lines: linesOf(chart, state) }];
    }),
    dots: chart.states.flatMap(({ path }) => boxes.get(dotId(path)) ?? []),
    anyStates: chart.states.flatMap(({ path }) => boxes.get(anyId(path)) ?? []),
    edges: (placed.edges ?? []).map((edge) => {
      const [source, target] = endsOf(edge.id);
      const [section] = edge.sections ?? [];
      const [label] = edge.labels ?? [];
      const points = section === undefined ? [] : [section.startPoint, ...(section.bendPoints ?? []), section.endPoint];
      return {
        source,
        target,
        transitions: groups.get(edge.id) ?? [],
        points: pointsUp(chart, edge.id) ? points.toReversed() : points,
        label: label === undefined ? undefined : boxOf(label),
      };
    }),
  };
}

function nodesUnder(node: ElkNode): ElkNode[] {
  return [node, ...(node.children ?? []).flatMap(nodesUnder)];
}

function boxOf({ x = 0, y = 0, width = 0, height = 0 }: Partial<Box>): Box {
  return { x, y, width, height };
}

function nodeId(path: string): string {
  return `state:${path}`;
}

function anyId(path: string): string {
  return `any:${path}`;
}

function isComposite(chart: Chart, path: string): boolean {
  return chart.states.some((state) => state.path === path && state.children.length > 0);
}

function dotId(path: string): string {
  return `dot:${path}`;
}
