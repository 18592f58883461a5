import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Command } from './python-house.js';

const script = fileURLToPath(new URL('fastmcp_client.py', import.meta.url));

/** What the client does: `['call', 'count_words', { text: 'a b' }]`; see the script. */
export type Step = readonly [kind: string, ...args: unknown[]];

/** What became of a step, and what the client was asked meanwhile. */
export interface StepAnswer {
  readonly result?: unknown;
  readonly error?: string;
  readonly asked: readonly string[];
}

/** How the revision of the protocol was agreed on, and which one it is. */
interface Session {
  readonly mode: string;
  readonly version: string;
}

export interface ClientRun {
  /** Why there was no session. */
  readonly failed?: string;
  readonly session?: Session;
  readonly answers: readonly StepAnswer[];
}

/** FastMCP's client in a process of its own, from its session's beginning to its end. */
export async function runFastMcpClient(
  python: string,
  target: Command | { readonly url: string; readonly token?: string },
  steps: readonly Step[],
): Promise<ClientRun> {
  const child = spawn(python, [script], {
    cwd: '/',
    env: { PATH: process.env['PATH'] },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.end(`${JSON.stringify({ target, steps, answer: { title: 'Tea' } })}\n`);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  const [first, ...answers] = stdout
    .split('\n')
    .filter(Boolean)
    .map((line): unknown => JSON.parse(line));
  if (first === undefined) throw new Error(`the client said nothing: ${stderr.slice(-4000)}`);
  if (typeof first === 'object' && first !== null && 'failed' in first) {
    return { failed: String(first.failed), answers: [] };
  }
  return { session: first as Session, answers: answers as StepAnswer[] };
}
