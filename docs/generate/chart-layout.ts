import elk, { type ElkNode } from 'elkjs/lib/elk.bundled.js';
import { arrowsOf } from '../../src/inspect/charts/arrows.js';
import { type Chart, statesUnder } from '../../src/inspect/charts/chart.js';
import type { Box, ChartForm, ChartLayout, PlacedState, Point } from '../../src/inspect/charts/placement.js';
import { contains, overlaps, segmentCrosses, segmentsOf } from '../../src/inspect/charts/geometry.js';
import { anyId, dotId, edgeId, graphOf, headId, headSize, nodeId, pointsUp } from './chart-graph.js';

/** Places every state and arrow. The same chart is always placed the same way. */
export async function layOut(chart: Chart, form: ChartForm): Promise<ChartLayout> {
  const engine = new elk.default();
  const heads = new Set<string>();
  for (;;) {
    const layout = readLayout(chart, await engine.layout(graphOf(chart, form, heads)));
    const places = layout.states.map((placed) => placeOfHead(chart, form, layout, placed));
    const crossed = layout.states.filter(({ state }, index) => places[index] === undefined && !heads.has(state.path));
    if (crossed.length === 0) {
      return {
        ...layout,
        states: layout.states.map((placed, index) => ({ ...placed, head: places[index] ?? placed.head })),
      };
    }
    for (const { state } of crossed) heads.add(state.path);
  }
}

/** The first place from the left where the words of a state are free of arrows; undefined where there is none. */
function placeOfHead(
  chart: Chart,
  form: ChartForm,
  { states, dots, anyStates, arrows }: ChartLayout,
  placed: PlacedState,
): Point | undefined {
  const { state, head } = placed;
  if (state.children.length === 0) return head;
  const size = headSize(chart, form, state);
  const segments = arrows.flatMap(({ points }) => segmentsOf(points));
  const boxes = [...states.filter((other) => other !== placed && contains(placed, other)), ...dots, ...anyStates];
  const rights = [...segments.map(([from, to]) => Math.max(from.x, to.x)), ...boxes.map(({ x, width }) => x + width)];
  const words = [placed.x, ...rights.toSorted((one, other) => one - other)]
    .map((x) => ({ x, y: head.y, ...size }))
    .find(
      (box) =>
        contains(placed, box) &&
        !boxes.some((other) => overlaps(box, other)) &&
        !segments.some((segment) => segmentCrosses(segment, box)),
    );
  return words === undefined ? undefined : { x: words.x, y: words.y };
}

function readLayout(chart: Chart, placed: ElkNode): ChartLayout {
  const boxes = new Map(nodesUnder(placed).map((node) => [node.id, boxOf(node)]));
  const edges = new Map((placed.edges ?? []).map((edge) => [edge.id, edge]));
  return {
    width: Math.ceil(placed.width ?? 0),
    height: Math.ceil(placed.height ?? 0),
    states: statesUnder(chart.root).flatMap((state) => {
      const box = boxes.get(nodeId(state.path));
      return box === undefined ? [] : [{ ...box, state, head: pointOf(boxes.get(headId(state.path)) ?? box) }];
    }),
    dots: chart.states.flatMap(({ path }) => boxes.get(dotId(path)) ?? []),
    anyStates: chart.states.flatMap(({ path }) => boxes.get(anyId(path)) ?? []),
    arrows: arrowsOf(chart).map((arrow, index) => {
      const edge = edges.get(edgeId(index));
      const [section] = edge?.sections ?? [];
      const [label] = edge?.labels ?? [];
      const points = section === undefined ? [] : [section.startPoint, ...(section.bendPoints ?? []), section.endPoint];
      return {
        ...arrow,
        points: (pointsUp(chart, arrow) ? points.toReversed() : points).map(pointOf),
        label: label === undefined ? undefined : boxOf(label),
      };
    }),
  };
}

function nodesUnder(node: ElkNode): ElkNode[] {
  return [node, ...(node.children ?? []).flatMap(nodesUnder)];
}

/** Whole pixels: sides that meet still do, and what is left of a number is the same on every machine. */
function boxOf({ x = 0, y = 0, width = 0, height = 0 }: Partial<Box>): Box {
  const corner = pointOf({ x, y });
  return { ...corner, width: Math.round(x + width) - corner.x, height: Math.round(y + height) - corner.y };
}

function pointOf({ x, y }: Point): Point {
  return { x: Math.round(x), y: Math.round(y) };
}
