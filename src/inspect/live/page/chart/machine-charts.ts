import maps from '../../../../../docs/reference/charts/layouts/maps.json' with { type: 'json' };
import { chartOfData, type MachineMaps } from '../../../charts/chart-data.js';
import type { Chart } from '../../../charts/chart.js';
import { type ChartForm, type ChartLayout, layoutOf } from '../../../charts/placement.js';

const byId: Readonly<Record<string, MachineMaps>> = maps;

/** One of our machines as the page knows it: what can happen in it, and the maps of it. */
export interface MachineChart {
  /** What one actor of it stands for. */
  readonly about: string;
  readonly chart: Chart;
  readonly tall: ChartLayout;
  readonly wide: ChartLayout;
}

const read = new Map<string, MachineChart>();

/** Every machine there is a chart of. */
export const chartedMachines: readonly string[] = Object.keys(byId);

/** Undefined where there is no chart of it: a host of another version may have machines that this page does not know. */
export function machineChart(id: string): MachineChart | undefined {
  const present = read.get(id);
  if (present !== undefined || !Object.hasOwn(byId, id)) return present;
  const data = byId[id];
  if (data === undefined) return undefined;
  const chart = chartOfData(id, data.chart);
  const made = { about: data.about, chart, tall: layoutOf(chart, data.tall), wide: layoutOf(chart, data.wide) };
  read.set(id, made);
  return made;
}

/** The map that is drawn larger in so much room. */
export function betterMap({ tall, wide }: MachineChart, width: number, height: number): Exclude<ChartForm, 'full'> {
  const scale = (layout: ChartLayout) => Math.min(width / layout.width, height / layout.height);
  return scale(wide) > scale(tall) ? 'wide' : 'tall';
}
