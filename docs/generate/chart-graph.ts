import type { ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk.bundled.js';
import { arrowsOf, type ChartArrow, labelRows, leadsInwards, stateLines } from '../../src/inspect/charts/arrows.js';
import { type Chart, type ChartState, isInside } from '../../src/inspect/charts/chart.js';
import { anyStateText, type ChartForm, metrics } from '../../src/inspect/charts/placement.js';
import { textWidth } from '../../src/inspect/charts/text-width.js';

const layoutOptions = {
  'elk.algorithm': 'layered',
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

/** On a map nothing stands on the arrows, so that they may run closer. */
const mapOptions = {
  'elk.spacing.nodeNode': '18',
  'elk.spacing.edgeNode': '11',
  'elk.spacing.edgeEdge': '8',
  'elk.layered.spacing.nodeNodeBetweenLayers': '22',
  'elk.layered.spacing.edgeNodeBetweenLayers': '11',
};

/**
 * What the layout engine is given of a chart in one form.
 *
 * @param heads composite states whose head is placed like a state, because arrows would run through its words: the
 *   engine keeps arrows away from what it places, and knows nothing of words in the margin of a box
 */
export function graphOf(chart: Chart, form: ChartForm, heads: ReadonlySet<string>): ElkNode {
  const nodes = new Nodes(chart, form, heads);
  return {
    id: 'page',
    layoutOptions: {
      ...layoutOptions,
      ...(form === 'full' ? {} : mapOptions),
      'elk.direction': form === 'wide' ? 'RIGHT' : 'DOWN',
      // Below the lowest states of a map there is room for a tag.
      'elk.padding': form === 'full' ? '[top=16,left=16,bottom=16,right=16]' : '[top=10,left=10,bottom=28,right=10]',
    },
    children: drawsRoot(chart, form) ? [nodes.of(chart.root)] : nodes.within(chart.root),
    edges: arrowsOf(chart).map((arrow, index) => edgeOf(chart, form, arrow, index)),
  };
}

export function nodeId(path: string): string {
  return `state:${path}`;
}

export function anyId(path: string): string {
  return `any:${path}`;
}

export function dotId(path: string): string {
  return `dot:${path}`;
}

export function headId(path: string): string {
  return `head:${path}`;
}

export function edgeId(index: number): string {
  return `arrow:${index}`;
}

/**
 * States are declared in the order in which they are usually passed. An arrow against that order is given to the
 * layout the other way round: left to itself, it picks arrows to turn that put the first state in the middle.
 */
export function pointsUp(chart: Chart, { source, target, transitions }: ChartArrow): boolean {
  const [from, to] = [source, target].map((path) => chart.states.findIndex((state) => state.path === path));
  return transitions.length > 0 && from !== undefined && to !== undefined && from > to;
}

/** Space that the words at the top of a state take. */
export function headSize(chart: Chart, form: ChartForm, state: ChartState): { width: number; height: number } {
  const lines = form === 'full' ? stateLines(chart, state) : [];
  const width =
    2 * metrics.padding +
    Math.max(
      textWidth(state.name, metrics.nameSize) * 1.08,
      ...lines.map(({ text }) => textWidth(text, metrics.lineSize)),
    );
  const height = metrics.header + (lines.length === 0 ? 0 : lines.length * metrics.line + 10);
  return { width: Math.ceil(width), height: Math.ceil(height) };
}

/** The machine itself is a box where it has something to say. */
function drawsRoot(chart: Chart, form: ChartForm): boolean {
  const says = stateLines(chart, chart.root).length > 0 || chart.transitions.some(({ source }) => source === '');
  return (form === 'full' && says) || chart.transitions.some(({ targets }) => targets.includes(''));
}

class Nodes {
  constructor(
    private readonly chart: Chart,
    private readonly form: ChartForm,
    private readonly heads: ReadonlySet<string>,
  ) {}

  of(state: ChartState): ElkNode {
    const { width, height } = headSize(this.chart, this.form, state);
    const size = { width: Math.max(width, 76), height };
    if (state.children.length === 0) return { id: nodeId(state.path), ...size };
    const top = this.heads.has(state.path) ? 0 : height + 14;
    return {
      id: nodeId(state.path),
      children: this.within(state),
      layoutOptions: {
        'elk.padding': `[top=${top},left=18,bottom=18,right=18]`,
        'elk.nodeSize.constraints': 'MINIMUM_SIZE',
        'elk.nodeSize.minimum': `(${size.width},${size.height})`,
      },
    };
  }

  within(state: ChartState): ElkNode[] {
    const dot = { id: dotId(state.path), width: metrics.dot, height: metrics.dot };
    const any = { id: anyId(state.path), width: textWidth(anyStateText, metrics.lineSize) + 16, height: 20 };
    return [
      ...(this.heads.has(state.path) ? [this.head(state)] : []),
      ...(state.initial === undefined ? [] : [dot]),
      ...state.children.map((child) => this.of(child)),
      ...(leadsInwards(this.chart, state) ? [any] : []),
    ];
  }

  private head(state: ChartState): ElkNode {
    return {
      id: headId(state.path),
      ...headSize(this.chart, this.form, state),
      layoutOptions: { 'elk.layered.layering.layerConstraint': 'FIRST' },
    };
  }
}

function edgeOf(chart: Chart, form: ChartForm, arrow: ChartArrow, index: number): ElkExtendedEdge {
  const { source, target, transitions } = arrow;
  const composite = chart.states.some((state) => state.path === source && state.children.length > 0);
  const inwards = composite && isInside(source)(target);
  const start = transitions.length === 0 ? dotId(source) : inwards ? anyId(source) : nodeId(source);
  const [from, to] = pointsUp(chart, arrow) ? [nodeId(target), start] : [start, nodeId(target)];
  const label = { text: `${source}>${target}`, layoutOptions: { 'elk.edgeLabels.inline': 'true' } };
  return {
    id: edgeId(index),
    sources: [from],
    targets: [to],
    ...(form === 'full' && transitions.length > 0 ? { labels: [{ ...label, ...labelSize(arrow) }] } : {}),
  };
}

function labelSize({ transitions }: ChartArrow): { width: number; height: number } {
  const rows = transitions.map(labelRows);
  const widths = rows.flatMap(({ head, guard, effect }) => [
    textWidth(`${head} `, metrics.lineSize) * 1.08 + textWidth(guard, metrics.lineSize),
    textWidth(effect, metrics.lineSize),
  ]);
  const lines = rows.reduce((count, { effect }) => count + (effect === '' ? 1 : 2), 0);
  return { width: Math.ceil(Math.max(...widths)) + 14, height: lines * 14 + (rows.length - 1) * 5 + 8 };
}
