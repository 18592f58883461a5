import { labelRows, stateLines } from '../../src/inspect/charts/arrows.js';
import type { Chart, ChartTransition } from '../../src/inspect/charts/chart.js';
import { pair, roundedPath, tipCorners } from '../../src/inspect/charts/arrow-path.js';
import {
  anyStateText,
  type Box,
  type ChartForm,
  type ChartLayout,
  metrics,
  type PlacedArrow,
  type PlacedState,
} from '../../src/inspect/charts/placement.js';
import { chartStyle } from './chart-colours.js';

/**
 * The machine as a self-contained SVG for light and dark pages. A state's group has `data-state` (its dotted path),
 * an arrow's has `data-source`, `data-target` and `data-event` (event types, space-separated).
 */
export function toSvg(chart: Chart, form: ChartForm, layout: ChartLayout): string {
  const { width, height, states, dots, anyStates, arrows } = layout;
  const title = `${form === 'full' ? 'Statechart' : 'Map'} of the ${escaped(chart.id)} machine`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"` +
      ` role="img" aria-label="${title}" data-machine="${escaped(chart.id)}">`,
    `<title>${title}</title>`,
    `<style>${chartStyle}</style>`,
    rect({ x: 0, y: 0, width, height }, 12, ' class="page"'),
    ...states.map((placed) => drawState(chart, form, placed)),
    ...dots.map(drawDot),
    ...anyStates.map(drawAnyState),
    ...arrows.map(drawArrow),
    ...arrows.map(drawLabel),
    '</svg>',
    '',
  ].join('\n');
}

function drawState(chart: Chart, form: ChartForm, placed: PlacedState): string {
  const { state } = placed;
  return [
    `<g class="state ${state.type}" data-state="${escaped(state.path)}">`,
    ...(state.description === undefined ? [] : [`<title>${escaped(state.description)}</title>`]),
    rect(placed, 10),
    ...(state.type === 'final' ? [rect(inset(placed, 3), 7)] : []),
    ...textRows(chart, form, placed),
    '</g>',
  ].join('\n');
}

function textRows(chart: Chart, form: ChartForm, placed: PlacedState): string[] {
  const { state, x, width, head: corner } = placed;
  const lines = form === 'full' ? stateLines(chart, state) : [];
  const name = `<tspan class="name">${escaped(state.name)}</tspan>`;
  const head =
    state.children.length > 0
      ? text(corner.x + metrics.padding, corner.y + 20, name)
      : text(x + width / 2, corner.y + 20, name, ' text-anchor="middle"');
  const ruleY = round(corner.y + metrics.header);
  const rule = `<line x1="${round(x)}" x2="${round(x + width)}" y1="${ruleY}" y2="${ruleY}"/>`;
  const rows = lines.map(({ text: line, transition }, index) => {
    const at = corner.y + metrics.header + 17 + index * metrics.line;
    const row = text(corner.x + metrics.padding, at, transition === undefined ? escaped(line) : inlineText(transition));
    return transition === undefined ? row : `<g ${eventData([transition])}>${row}</g>`;
  });
  return [head, ...(lines.length === 0 ? [] : [rule]), ...rows];
}

function drawDot({ x, y, width }: Box): string {
  return `<circle class="dot" cx="${round(x + width / 2)}" cy="${round(y + width / 2)}" r="${round(width / 2)}"/>`;
}

function drawAnyState(box: Box): string {
  const words = text(box.x + box.width / 2, box.y + 14, anyStateText, ' text-anchor="middle"');
  return `<g class="any">${rect(box, 10)}${words}</g>`;
}

function drawArrow(arrow: PlacedArrow): string {
  const { points } = arrow;
  const tip = `<path class="tip" d="M${tipCorners(points).map(pair).join('L')}Z"/>`;
  return `<g class="edge" ${endsData(arrow)}><path d="${roundedPath(points)}"/>${tip}</g>`;
}

function drawLabel(arrow: PlacedArrow): string {
  const { label, transitions } = arrow;
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
  return [`<g class="label" ${endsData(arrow)}>`, rect(label, 6), ...rows, '</g>'].join('\n');
}

function endsData({ source, target, transitions }: PlacedArrow): string {
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

function inset({ x, y, width, height }: Box, by: number): Box {
  return { x: x + by, y: y + by, width: width - 2 * by, height: height - 2 * by };
}

function rect({ x, y, width, height }: Box, radius: number, attributes = ''): string {
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="${radius}"${attributes}/>`;
}

function text(x: number, y: number, content: string, attributes = ''): string {
  return `<text x="${round(x)}" y="${round(y)}"${attributes}>${content}</text>`;
}

/** A tenth of a pixel: what is left of a number is the same on every machine. */
function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escaped(raw: string): string {
  return raw.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
