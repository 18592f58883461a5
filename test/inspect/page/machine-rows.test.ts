import { describe, expect, it } from 'vitest';
import { chartOf } from '../../../src/inspect/charts/chart.js';
import { machineCatalogue } from '../../../src/inspect/charts/catalogue.js';
import { everyEvent } from '../../../src/inspect/live/page/chart/every-event.js';
import { machineRows, outline, rowAt } from '../../../src/inspect/live/page/machines/machine-rows.js';
import { doorMachine } from '../../fixtures/inspect/door-machine.js';

const charts = [doorMachine, ...[...machineCatalogue.values()].map(({ machine }) => machine)].map(chartOf);

describe.each(charts)('the table of $id', (chart) => {
  const rows = machineRows(chart);
  const events = everyEvent(chart);

  it('has a row for each transition', () => {
    expect(rows).toHaveLength(chart.transitions.length);
  });

  it('has rows and arrows that light each other', () => {
    for (const [place, { e, src, to }] of events.entries()) {
      const row = rowAt(rows, place);
      expect([row?.event, row?.source]).toEqual([e, src]);
      if (to === undefined) expect(row?.targets).toEqual([]);
      else expect(row?.targets).toContain(to);
    }
    for (const { place, event } of rows) expect(events[place]?.e).toBe(event);
  });

  it('begins with what any state does', () => {
    const first = rows.findIndex(({ source }) => source !== '');
    expect(rows.slice(first).some(({ source }) => source === '')).toBe(false);
  });
});

it('nothing is lit where nobody points', () => {
  expect(rowAt(machineRows(chartOf(doorMachine)), undefined)).toBeUndefined();
  expect(rowAt(machineRows(chartOf(doorMachine)), 999)).toBeUndefined();
});

it('a machine is outlined in a sentence', () => {
  expect(outline(chartOf(doorMachine))).toBe('5 states, 11 transitions, 1 of the states is its end.');
});
