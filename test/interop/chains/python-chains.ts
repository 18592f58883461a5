import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Implementation } from '../python-environment.js';
import { pythonPath } from '../python-path.js';
import { type Chain, type ChainOutcome, timeoutSeconds } from './chain.js';

const script = fileURLToPath(new URL('../python/chains.py', import.meta.url));

/** Where each package has the framework. */
const packages: Readonly<Record<Implementation, string>> = {
  cpex: 'cpex.framework',
  '1.0.0': 'mcpgateway.plugins.framework',
};

/** What the Python side is asked to do as ours does; see `differences.ts`. */
export interface Emulation {
  /** Deleted keys of the global state stay deleted. */
  readonly deletes: boolean;
  /** What is nested in a record is changed in a copy. */
  readonly copies: boolean;
  /** Header maps have one entry for each name, in any case. */
  readonly headers: boolean;
  /** The host keeps the notes of plugins that were skipped. */
  readonly keeps: boolean;
  /** What concurrent plugins answer and write is merged when their phase ends, in the order of the chain. */
  readonly merges: boolean;
  /** An error that ends the chain ends the plugins beside the one that failed. */
  readonly aborts: boolean;
  /** Behind a plugin that ends the chain no other starts that waited for its turn. */
  readonly turns: boolean;
  /** What runs afterwards does so also where a block or a violation is raised. */
  readonly afterwards: boolean;
  /** What runs afterwards is given the payload that the chain came to. */
  readonly final: boolean;
  /** What runs afterwards reads its notes, and leaves none. */
  readonly notes: boolean;
}

/** Nothing of all that. */
export const asItIs: Emulation = {
  deletes: false,
  copies: false,
  headers: false,
  keeps: false,
  merges: false,
  aborts: false,
  turns: false,
  afterwards: false,
  final: false,
  notes: false,
};

/** A process of the Python framework that runs chains one after the other. */
export interface PythonChains {
  run(chain: Chain, emulation: Emulation): Promise<ChainOutcome[]>;
  close(): Promise<void>;
}

export function startPythonChains(implementation: Implementation, python: string): PythonChains {
  const child = spawn(python, [script], {
    env: { PATH: process.env['PATH'], PYTHONPATH: pythonPath, GATECHART_FRAMEWORK: packages[implementation] },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr = (stderr + chunk).slice(-4000);
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const exited = once(child, 'close');
  let last: Promise<unknown> = Promise.resolve();
  const ask = async (question: object): Promise<ChainOutcome[]> => {
    child.stdin.write(`${JSON.stringify(question)}\n`);
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`the Python process ended: ${stderr}`);
    const answer = JSON.parse(value);
    if (typeof answer.failed === 'string') throw new Error(`the Python process: ${answer.failed}\n${stderr}`);
    return answer.outcomes;
  };
  return {
    run(chain, emulation) {
      const plugins = chain.plugins.map(({ acts: _, ...plugin }) => ({ ...plugin, kind: 'scripted.Scripted' }));
      const acts = Object.fromEntries(chain.plugins.map((plugin) => [plugin.name, plugin.acts]));
      const question = { ...chain, plugins, acts, timeout: timeoutSeconds, emulation };
      const answered = last.then(() => ask(question));
      last = answered.catch(() => undefined);
      return answered;
    },
    async close() {
      child.stdin.end();
      const patience = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await exited;
      clearTimeout(patience);
    },
  };
}
