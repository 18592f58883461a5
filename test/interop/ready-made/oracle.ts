import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Implementation } from '../python-environment.js';
import { pythonPath } from '../python-path.js';

const script = fileURLToPath(new URL('../python/plugin_oracle.py', import.meta.url));

/** Their folder of plugins, where its source distribution was unpacked. */
export const theirSources = fileURLToPath(new URL('../.venv/1.0.0/source', import.meta.url));

const frameworks: Readonly<Record<Implementation, string>> = {
  cpex: 'cpex.framework',
  '1.0.0': 'mcpgateway.plugins.framework',
};

/** One hook, in the words of the wire. */
export interface OracleCall {
  readonly hook: string;
  readonly payload: object;
  /** Fields of the global context. */
  readonly context?: object;
  /** Calls with the same name are hooks of one request. Default: one of its own. */
  readonly request?: string;
  readonly extensions?: object;
  /** Seconds since 1970 that Python's clock shows then, and until another call says otherwise. */
  readonly at?: number;
  /** The payload's content is an object of their class `ResourceContent`. */
  readonly resource?: boolean;
  /** What is active around the call; its result has the spans that were written. */
  readonly span?: 'recording' | 'not recording' | 'none';
}

/** One plugin of theirs with what it is asked, by a manager of its own. */
export interface OracleOrder {
  readonly kind: string;
  readonly config?: object;
  readonly hooks: readonly string[];
  readonly mode?: string;
  readonly calls: readonly OracleCall[];
}

/** A span that a plugin wrote. */
export interface WrittenSpan {
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** A child of the one around the call. */
  readonly inside: boolean;
}

/** What a call gave, in the words of the wire. */
export interface OracleResult {
  readonly result?: Readonly<Record<string, unknown>>;
  /** What their manager raised. */
  readonly error?: string;
  readonly state?: Readonly<Record<string, unknown>>;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly spans?: readonly WrittenSpan[];
}

/** Plugins of theirs in a process of their own. */
export interface Oracle extends AsyncDisposable {
  /** Rejects where the plugin does not start, with what they say. */
  ask(order: OracleOrder): Promise<readonly OracleResult[]>;
}

/** The wheels are asked through `cpex`, the plugins of the gateway's source tree through `1.0.0`. */
export async function startOracle(implementation: Implementation, python: string): Promise<Oracle> {
  const folder = await mkdtemp(join(tmpdir(), 'gatechart-oracle-'));
  const child = spawn(python, [script], {
    env: {
      PATH: process.env['PATH'],
      PYTHONPATH: `${pythonPath}:${theirSources}`,
      GATECHART_FRAMEWORK: frameworks[implementation],
      GATECHART_FOLDER: folder,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-4000);
  });
  const waiting: ((line: string | undefined) => void)[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.(line));
  const exited = once(child, 'close').then(() => waiting.splice(0).forEach((answered) => answered(undefined)));
  return {
    async ask(order) {
      const answered = new Promise<string | undefined>((resolve) => waiting.push(resolve));
      child.stdin.write(`${JSON.stringify(order)}\n`);
      const line = await answered;
      if (line === undefined) throw new Error(`their plugins ended: ${stderr}`);
      const answer = JSON.parse(line) as { readonly results?: readonly OracleResult[]; readonly failed?: string };
      if (answer.results === undefined) throw new Error(answer.failed);
      return answer.results;
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}
