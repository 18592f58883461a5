import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Call, type Host, type Json, type Outcome, pluginName } from './host.js';
import { pythonPath } from './python-path.js';

const script = fileURLToPath(new URL('python/host.py', import.meta.url));

/** A host of the Python framework in a process of its own. */
export function startPythonHost(python: string, env: NodeJS.ProcessEnv = {}): Host {
  const child = spawn(python, [script], {
    env: {
      PATH: process.env['PATH'],
      PYTHONPATH: pythonPath,
      PLUGINS_FAIL_ON_PLUGIN_ERROR: 'true',
      // Else it refuses 127.0.0.1.
      PLUGINS_SSRF_PROTECTION_ENABLED: 'false',
      // Their client does not try again when its first request fails, and the 5 s of its default are short on a busy machine.
      PLUGINS_HTTPX_CONNECT_TIMEOUT: '60',
      ...env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-4000);
  });
  const waiting = new Map<number, { resolve: (answer: Json) => void; reject: (error: Error) => void }>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const answer: Json = JSON.parse(line);
    const id = Number(answer['id']);
    waiting.get(id)?.resolve(answer);
    waiting.delete(id);
  });
  const exited = once(child, 'close').then(() => {
    for (const { reject } of waiting.values()) reject(new Error(`the Python host ended: ${stderr}`));
    waiting.clear();
  });
  let orders = 0;
  const order = async (op: string, manager: string, more: Json = {}): Promise<Json> => {
    const id = ++orders;
    const answered = new Promise<Json>((resolve, reject) => waiting.set(id, { resolve, reject }));
    child.stdin.write(`${JSON.stringify({ id, op, manager, ...more })}\n`);
    const answer = await answered;
    if (typeof answer['failed'] === 'string') throw new Error(`the Python host: ${answer['failed']}\n${stderr}`);
    return answer;
  };
  const call = async (op: string, manager: string, more: Json): Promise<Outcome> => {
    const { id: _id, ...outcome } = await order(op, manager, more);
    return { context: {}, ...outcome };
  };
  return {
    async open(manager, config, timeout) {
      const { plugins } = await order('open', manager, { config, timeout });
      return Array.isArray(plugins) ? plugins : [];
    },
    callPlugin: (manager, { hook, payload }: Call, context) =>
      call('plugin', manager, { plugin: pluginName, hook, payload, context }),
    callChain: (manager, { hook, payload }: Call, context, contexts) =>
      call('chain', manager, { hook, payload, context, contexts }),
    async closeManager(manager) {
      await order('close', manager);
    },
    async close() {
      child.stdin.end();
      const patience = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await exited;
      clearTimeout(patience);
    },
  };
}
