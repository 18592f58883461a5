import { type CataloguedMachine, machineCatalogue } from '../inspect/charts/catalogue.js';
import { readChartDrawing } from '../inspect/charts/chart-files.js';
import { toMermaid } from '../inspect/charts/mermaid.js';
import { toStatelyCode, toStatelyJson } from '../inspect/charts/stately.js';
import type { CommandIo } from './command-io.js';

export interface ChartsOptions {
  /** Id of one machine; all of them if left out. */
  readonly machine?: string | undefined;
  /** `mermaid` (default), `json`, `stately` or `svg`. */
  readonly format?: string | undefined;
}

type Format = (machines: readonly CataloguedMachine[]) => Promise<string> | string;

const formats = new Map<string, Format>([
  ['mermaid', (machines) => machines.map(fencedDiagram).join('\n')],
  ['json', printJson],
  ['stately', (machines) => machines.map(({ machine }) => `// ${machine.id}\n${toStatelyCode(machine)}`).join('\n')],
  ['svg', printDrawing],
]);

/** Prints the machines as charts. Returns the exit code: 2 where the options name nothing that exists. */
export async function printCharts(options: ChartsOptions, { stdout, stderr }: Omit<CommandIo, 'env'>): Promise<number> {
  const { machine, format = 'mermaid' } = options;
  const print = formats.get(format);
  if (print === undefined) {
    stderr.write(`--format ${format}: there is no such format; use one of ${[...formats.keys()].join(', ')}\n`);
    return 2;
  }
  const known = [...machineCatalogue.keys()].join(', ');
  const machines = [...machineCatalogue].filter(([id]) => machine === undefined || id === machine);
  if (machines.length === 0) {
    stderr.write(`--machine ${machine}: there is no such machine; use one of ${known}\n`);
    return 2;
  }
  if (format === 'svg' && machines.length > 1) {
    stderr.write(`--format svg: one drawing holds one machine; add --machine with one of ${known}\n`);
    return 2;
  }
  stdout.write(await print(machines.map(([, entry]) => entry)));
  return 0;
}

/** A section of Markdown. */
function fencedDiagram({ machine }: CataloguedMachine): string {
  return `## ${machine.id}\n\n\`\`\`mermaid\n${toMermaid(machine).trimEnd()}\n\`\`\`\n`;
}

/** One machine as it is; several by their ids, in one object. */
function printJson(machines: readonly CataloguedMachine[]): string {
  const configs = machines.map(({ machine }): [string, unknown] => [machine.id, JSON.parse(toStatelyJson(machine))]);
  const [first] = configs;
  const printed = configs.length === 1 ? first?.[1] : Object.fromEntries(configs);
  return `${JSON.stringify(printed, undefined, 2)}\n`;
}

async function printDrawing(machines: readonly CataloguedMachine[]): Promise<string> {
  const drawings = await Promise.all(machines.map(({ machine }) => readChartDrawing(machine.id)));
  return drawings.join('');
}
