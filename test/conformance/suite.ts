import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { repository } from '../fixtures/manager/managers.js';
import { newNode, type SuiteVersion, suiteCli } from './tools.js';

/** What the suite found in one scenario. */
export interface Outcome {
  readonly passed: number;
  /** What it says against it, a line each: failures, and warnings, which are what should be and is not. */
  readonly faults: readonly string[];
}

/** Outcomes by the name of the scenario. */
export type Outcomes = ReadonlyMap<string, Outcome>;

interface Check {
  readonly id: string;
  readonly status: string;
  readonly description: string;
  readonly errorMessage?: string;
}

/** Runs the conformance suite to its end. @param args of its command line, without where it writes */
export async function runSuite(version: SuiteVersion, args: readonly string[]): Promise<Outcomes> {
  const folder = await mkdtemp(path.join(tmpdir(), 'conformance-'));
  try {
    const child = spawn(newNode, [suiteCli(version), ...args, '--output-dir', folder], {
      cwd: repository,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    await once(child, 'close');
    const outcomes = await readOutcomes(folder, args[0] === 'server' ? 'server-' : '');
    if (outcomes.size === 0) throw new Error(`The conformance suite did nothing:\n${stderr}`);
    return outcomes;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A folder for each scenario, with the time behind its name, which may have slashes in it. */
async function readOutcomes(folder: string, prefix: string): Promise<Outcomes> {
  const files = await readdir(folder, { recursive: true, encoding: 'utf8' });
  const outcomes = new Map<string, Outcome>();
  for (const file of files.filter((name) => path.basename(name) === 'checks.json')) {
    const checks: readonly Check[] = JSON.parse(await readFile(path.join(folder, file), 'utf8'));
    const name = path.dirname(file).replace(/-\d{4}-\d\d-\d\dT[\d-]+Z$/, '');
    outcomes.set(name.slice(prefix.length), outcomeOf(checks));
  }
  return outcomes;
}

function outcomeOf(checks: readonly Check[]): Outcome {
  const faults = checks
    .filter(({ status }) => status === 'FAILURE' || status === 'WARNING')
    .map(({ id, errorMessage, description }) => `${id}: ${errorMessage ?? description}`);
  return { passed: checks.filter(({ status }) => status === 'SUCCESS').length, faults };
}
