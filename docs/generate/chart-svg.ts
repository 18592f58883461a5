import type { AnyStateMachine } from 'xstate';
import { chartOf, type ChartTransition } from '../../src/inspect/charts/chart.js';
import {
  anyStateText,
  type Box,
  labelRows,
  layOut,
  metrics,
  type PlacedEdge,
  type PlacedState,
} from './chart-layout.js';

const style = `
  text { font-family: system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif; font-size: 11px; fill: #424a53; }
  .page { fill: #ffffff; }
  .state > rect { fill: #ffffff; stroke: #8c959f; stroke-width: 1.25; }
  .state.compound > rect { fill: #57606a; fill-opacity: 0.06; }
  .over text { paint-order: stroke; stroke: #f0f0f1; stroke-width: 4px; stroke-linejoin: round; }
  .state > line, .over > line { stroke: #d0d7de; }
  .name { font-size: 14px; font-weight: 600; fill: #1f2328; }
  .edge > path { fill: none; stroke: #6e7781; stroke-width: 1.25; }
  .edge .tip, .dot { fill: #6e7781; stroke: none; }
  .any > rect { fill: none; stroke: #8c959f; stroke-dasharray: 3 3; }
  .any > text { font-style: italic; }
  .label > rect { fill: #ddf4ff; stroke: #b6e3ff; }
  .event { font-weight: 600; fill: #0550ae; }
  .guard { font-weight: 400; fill: #8250df; }
  @media (prefers-color-scheme: dark) {
    text { fill: #b1bac4; }
    .page { fill: #0d1117; }
    .state > rect { fill: #161b22; stroke: #6e7681; }
    .state.compound > rect { fill: #b1bac4; }
    .over text { paint-order: stroke; stroke: #f0f0f1; stroke-width: 4px; stroke-linejoin: round; }
  .state > line, .over > line { stroke: #30363d; }
    .name { fill: #f0f6fc; }
    .edge > path { stroke: #8b949e; }
    .edge .tip, .dot { fill: #8b949e; }
    .any > rect { stroke: #6e7681; }
    .label > rect { fill: #0c2d6b; stroke: #1158c7; }
    .event { fill: #a5d6ff; }
    .guard { fill: #d2a8ff; }
  }
`;

/**
 * The machine as a self-contained SVG for light and dark pages. A state's group has `data-state` (its dotted path),
 * an arrow's has `data-source`, `data-target` and `data-event` (event types, space-separated).
 */
export async function toSvg(machine: AnyStateMachine): Promise<string> {
  const chart = chartOf(machine);
  const { width, height, states, dots, anyStates, edges } = await layOut(chart);
  const title = `Statechart of the ${chart.id} machine`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"` +
      ` role="img" aria-label="${title}" data-machine="${escaped(chart.id)}">`,
    `<title>${title}</title>`,
    `<style>${style}</style>`,
    rect({ x: 0, y: 0, width, height }, 12, ' class="page"'),
    ...states.map(drawState),
    ...dots.map(drawDot),
    ...anyStates.map(drawAnyState),
    // Labels after all arrows: no arrow may cross one.
    ...edges.map(drawArrow),
    ...states.filter(isComposite).map(drawCompositeText),
    ...edges.map(drawLabel),
    '</svg>',
    '',
  ].join('\n');
}

function drawState(placed: PlacedState): string {
  const { state } = placed;
  return [
    `<g class="state ${state.type}" data-state="${escaped(state.path)}">`,
    ...(state.description === undefined ? [] : [`<title>${escaped(state.description)}</title>`]),
    rect(placed, 10),
    ...(state.type === 'final' ? [rect(inset(placed, 3), 7)] : []),
    ...(isComposite(placed) ? [] : textRows(placed)),
    '</g>',
  ].join('\n');
}

/** Arrows into a composite state and out of it cross its head, so that its text is drawn over them. */
function drawCompositeText(placed: PlacedState): string {
  return ['<g class="over">', ...textRows(placed), '</g>'].join('\n');
}

function textRows(placed: PlacedState): string[] {
  const { state, lines, x, y, width } = placed;
  const name = `<tspan class="name">${escaped(state.name)}</tspan>`;
  const head = isComposite(placed)
    ? text(x + metrics.padding, y + 20, name)
    : text(x + width / 2, y + 20, name, ' text-anchor="middle"');
  const ruleY = round(y + metrics.header);
  const rule = `<line x1="${round(x)}" x2="${round(x + width)}" y1="${ruleY}" y2="${ruleY}"/>`;
  const rows = lines.map(({ text: line, transition }, index) => {
    const at = y + metrics.header + 17 + index * metrics.line;
    const row = text(x + metrics.padding, at, transition === undefined ? escaped(line) : inlineText(transition));
    return transition === undefined ? row : `<g ${eventData([transition])}>${row}</g>`;
  });
  return [head, ...(lines.length === 0 ? [] : [rule]), ...rows];
}

function isComposite({ state }: PlacedState): boolean {
  return state.children.length > 0;
}

function drawDot({ x, y, width }: Box): string {
  return `<circle class="dot" cx="${round(x + width / 2)}" cy="${round(y + width / 2)}" r="${round(width / 2)}"/>`;
}

function drawAnyState(box: Box): string {
  const words = text(box.x + box.width / 2, box.y + 14, anyStateText, ' text-anchor="middle"');
  return `<g class="any">${rect(box, 10)}${words}</g>`;
}

function drawArrow(edge: PlacedEdge): string {
  return `<g class="edge" ${endsData(edge)}>${path(edge.points)}${tip(edge.points)}</g>`;
}

function drawLabel(edge: PlacedEdge): string {
  const { label, transitions } = edge;
  if (label === undefined) return '';
  const centre = label.x + label.width / 2;
  let at = label.y + 1;
  const rows = transitions.map((transition) => {
    const { head, guard, effect } = labelRows(transition);
    const first = text(centre, (at += 14), eventText(head, guard), ' text-anchor="middle"');
    const second = effect === '' ? '' : text(centre, (at += 14), escaped(effect), ' text-anchor="middle"');
    at += 5;
    return `<g ${eventData([transition])}>${first}${second}</g>`;
  });
  return [`<g class="label" ${endsData(edge)}>`, rect(label, 6), ...rows, '</g>'].join('\n');
}

function endsData({ source, target, transitions }: PlacedEdge): string {
  return transitions.length === 0
    ? 'data-initial=""'
    : `data-source="${escaped(source)}" data-target="${escaped(target)}" ${eventData(transitions)}`;
}

function eventData(transitions: readonly ChartTransition[]): string {
  return `data-event="${escaped([...new Set(transitions.map(({ event }) => event))].join(' '))}"`;
}

function inlineText(transition: ChartTransition): string {
  const { head, guard, effect } = labelRows(transition);
  return `${eventText(head, guard)}${effect === '' ? '' : ` ${escaped(effect)}`}`;
}

function eventText(head: string, guard: string): string {
  const condition = guard === '' ? '' : ` <tspan class="guard">${escaped(guard)}</tspan>`;
  return `<tspan class="event">${escaped(head)}</tspan>${condition}`;
}

/** The line through all points, with rounded corners. */
function path(points: readonly { x: number; y: number }[]): string {
  const parts = points.map((point, index) => {
    const [before, after] = [points[index - 1], points[index + 1]];
    if (before === undefined) return `M${pair(point)}`;
    if (after === undefined) return `L${pair(point)}`;
    return `L${pair(towards(point, before, 6))}Q${pair(point)} ${pair(towards(point, after, 6))}`;
  });
  return `<path d="${parts.join('')}"/>`;
}

function tip(points: readonly { x: number; y: number }[]): string {
  const [end, before] = [points.at(-1), points.at(-2)];
  if (end === undefined || before === undefined) return '';
  const length = Math.hypot(end.x - before.x, end.y - before.y) || 1;
  const [ux, uy] = [(end.x - before.x) / length, (end.y - before.y) / length];
  const back = { x: end.x - 9 * ux, y: end.y - 9 * uy };
  const [dx, dy] = [4 * ux, 4 * uy];
  const corners = [end, { x: back.x - dy, y: back.y + dx }, { x: back.x + dy, y: back.y - dx }];
  return `<path class="tip" d="M${corners.map(pair).join('L')}Z"/>`;
}

function towards(from: { x: number; y: number }, to: { x: number; y: number }, most: number): { x: number; y: number } {
  const distance = Math.hypot(to.x - from.x, to.y - from.y);
  const share = distance === 0 ? 0 : Math.min(most / distance, 0.5);
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}

function inset({ x, y, width, height }: Box, by: number): Box {
  return { x: x + by, y: y + by, width: width - 2 * by, height: height - 2 * by };
}

function rect({ x, y, width, height }: Box, radius: number, attributes = ''): string {
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="${radius}"${attributes}/>`;
}

function text(x: number, y: number, content: string, attributes = ''): string {
  return `<text x="${round(x)}" y="${round(y)}"${attributes}>${content}</text>`;
}

function pair({ x, y }: { x: number; y: number }): string {
  return `${round(x)} ${round(y)}`;
}

/** A tenth of a pixel: what is left of a number is the same on every machine. */
function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escaped(raw: string): string {
  return raw.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
