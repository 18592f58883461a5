import { expect, it } from 'vitest';
import { measureNames, measures } from '../../src/observability/measures.js';
import { labelName, metricName } from '../../src/prometheus/metric-names.js';
import { readDashboard, sentQuery } from '../fixtures/gateway/dashboard.js';

const board = readDashboard();
const queries = board.panels.flatMap(({ title, targets }) =>
  targets.map(({ expr, legendFormat }) => ({ title, expr, legendFormat })),
);

/** Each name that a query may have, with its labels. */
const known = new Map(
  measureNames.flatMap((name): [string, readonly string[]][] => {
    const { kind, attributes } = measures[name];
    const labels = ['job', 'instance', ...attributes.map(labelName)];
    const metric = metricName(name);
    if (kind !== 'duration') return [[metric, labels]];
    return [
      [`${metric}_bucket`, [...labels, 'le']],
      [`${metric}_count`, labels],
      [`${metric}_sum`, labels],
    ];
  }),
);

it.each(queries)('the query of $title asks for what there is: $expr', ({ expr, legendFormat }) => {
  const names = expr.match(/\b(?:gatechart|mcp)_\w+(?=\{)/g) ?? [];
  expect(names).toHaveLength(1);
  const labels = known.get(names[0] ?? '');
  if (labels === undefined) throw new Error(`nobody measures ${names[0]}`);
  const selected = [...expr.matchAll(/(\w+)(?:=~|!~|!=|=)"/g)].map(([, label]) => label);
  const grouped = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/, ?/));
  const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label);
  expect(labels).toEqual(expect.arrayContaining([...selected, ...grouped]));
  expect(grouped).toEqual(expect.arrayContaining(shown));
  expect(sentQuery(expr)).not.toContain('$');
});

it('every figure is on the dashboard', () => {
  const asked = new Set(queries.flatMap(({ expr }) => expr.match(/\b(?:gatechart|mcp)_\w+(?=\{)/g) ?? []));
  const shown = measureNames.filter((name) => {
    const metric = metricName(name);
    return [metric, `${metric}_count`, `${metric}_bucket`].some((one) => asked.has(one));
  });
  expect(shown).toEqual(measureNames);
});

it('panels have ids of their own, words that say what they show, and do not lie on each other', () => {
  const { panels } = board;
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const cells = new Set<string>();
  for (const { title, type, description, datasource, gridPos } of panels) {
    if (type !== 'row') expect([title, description, datasource]).not.toContain(undefined);
    expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect([title, cells.has(`${x}:${y}`)]).toEqual([title, false]);
        cells.add(`${x}:${y}`);
      }
    }
  }
});
