import { readFileSync } from 'node:fs';
import { type MachineChart, machineChartOf } from '../../../src/inspect/live/page/chart/machine-charts.js';

/** The answer of a host to `/charts/<id>.json`. */
export function machineJson(id: string): unknown {
  return JSON.parse(
    readFileSync(new URL(`../../../docs/reference/charts/layouts/${id}.json`, import.meta.url), 'utf8'),
  );
}

/** A machine as the page has it. */
export function machineChart(id: string): MachineChart {
  return machineChartOf(id, machineJson(id));
}
