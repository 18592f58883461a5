import machines from '../../../../../docs/reference/charts/layouts/machines.json' with { type: 'json' };
import { chartOfData } from '../../../charts/chart-data.js';
import type { Chart } from '../../../charts/chart.js';
import { type ChartForm, type ChartLayout, layoutOf } from '../../../charts/placement.js';
import { readMachineData } from './machine-reader.js';

/** One of our machines as the page knows it: what can happen in it, and its three drawings. */
export interface MachineChart extends Readonly<Record<ChartForm, ChartLayout>> {
  /** What one actor of it stands for. */
  readonly about: string;
  readonly chart: Chart;
}

/** Every machine there is a chart of. */
export const chartedMachines: readonly string[] = machines;

/**
 * Reads what the host answers to `/charts/<id>.json`. Throws a TypeError that names what is wrong with it, or a RangeError
 * where its parts do not belong together: nothing of it is drawn then.
 */
export function machineChartOf(id: string, json: unknown): MachineChart {
  const { about, chart: data, full, tall, wide } = readMachineData(json);
  const chart = chartOfData(id, data);
  return { about, chart, full: layoutOf(chart, full), tall: layoutOf(chart, tall), wide: layoutOf(chart, wide) };
}

/** The map that is drawn larger in so much room. */
export function betterMap({ tall, wide }: MachineChart, width: number, height: number): Exclude<ChartForm, 'full'> {
  const scale = (layout: ChartLayout) => Math.min(width / layout.width, height / layout.height);
  return scale(wide) > scale(tall) ? 'wide' : 'tall';
}
