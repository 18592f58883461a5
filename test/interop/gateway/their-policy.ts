import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('policy.py', import.meta.url));

/** What is asked about one rules file. */
export interface PolicyOrder {
  readonly rules: unknown;
  readonly questions: readonly (readonly [agent: string, server: string, tool: string | null])[];
  /** Whose lists of servers are wanted. */
  readonly agents: readonly string[];
  /** Who is named, and who stands in. */
  readonly claims: readonly (readonly [claimed: string | null, fallback: string | null])[];
  /** That are configured. */
  readonly servers: readonly string[];
}

export type PolicyAnswer =
  | { readonly refused: string }
  | {
      readonly refused?: undefined;
      readonly decisions: readonly boolean[];
      /** `*` alone stands for all. */
      readonly listed: readonly (readonly string[])[];
      readonly agents: readonly ({ readonly agent: string } | { readonly error: string })[];
      /** How many servers are named and not configured. */
      readonly warnings: number;
    };

/** The policy class of agent-mcp-gateway in a process of its own. Orders are answered one after the other. */
export interface TheirPolicy {
  answer(order: PolicyOrder): Promise<PolicyAnswer>;
  /** As Python's `fnmatch` matches, with case. */
  fnmatch(patterns: readonly (readonly [name: string, pattern: string])[]): Promise<boolean[]>;
  close(): Promise<void>;
}

export function startTheirPolicy(python: string): TheirPolicy {
  // The folder of this process has files that Python would take for the package.
  const child = spawn(python, [script], {
    cwd: '/',
    env: { PATH: process.env['PATH'] },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-4000);
  });
  const waiting: { resolve: (line: string) => void; reject: (error: Error) => void }[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.resolve(line));
  const exited = once(child, 'close').then(() => {
    for (const { reject } of waiting.splice(0)) reject(new Error(`agent-mcp-gateway ended: ${stderr}`));
  });
  const order = async (data: unknown): Promise<string> => {
    const answered = new Promise<string>((resolve, reject) => waiting.push({ resolve, reject }));
    child.stdin.write(`${JSON.stringify(data)}\n`);
    return answered;
  };
  return {
    answer: async (data): Promise<PolicyAnswer> => JSON.parse(await order(data)) as PolicyAnswer,
    fnmatch: async (patterns): Promise<boolean[]> => JSON.parse(await order({ patterns })) as boolean[],
    async close() {
      child.stdin.end();
      await exited;
    },
  };
}
