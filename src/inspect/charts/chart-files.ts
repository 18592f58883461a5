import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { machineCatalogue } from './catalogue.js';
import { packageRoot } from './package-root.js';

/**
 * The drawn chart of one of our machines. Drawings are made when the package is built and shipped with it: the layout
 * engine is many times the size of everything else.
 */
export async function readChartDrawing(machineId: string): Promise<string> {
  return await readFile(path.join(chartFolder(), `${machineId}.svg`), 'utf8');
}

/**
 * One of our machines as a page draws it, as the JSON of a `MachineData`. Undefined where there is no such machine; whoever
 * asks may be anybody.
 */
export async function readChartLayout(machineId: string): Promise<string | undefined> {
  if (!machineCatalogue.has(machineId)) return undefined;
  return await readFile(path.join(chartFolder(), 'layouts', `${machineId}.json`), 'utf8');
}

function chartFolder(): string {
  return path.join(packageRoot(), 'docs', 'reference', 'charts');
}
