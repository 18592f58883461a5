import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export const cli = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));
export const config = fileURLToPath(new URL('plugins.yaml', import.meta.url));

/** A plugin server in a process of its own, that is killed and started again. */
export class ServerProcess {
  readonly #args: readonly string[];
  readonly #env: NodeJS.ProcessEnv;
  #child: ChildProcess | undefined;
  /** Times it ended without being killed, which nothing that is sent to it may bring about. */
  endedByItself = 0;

  constructor(args: readonly string[], env: NodeJS.ProcessEnv) {
    this.#args = [cli, 'plugin-server', '--config', config, ...args];
    this.#env = env;
  }

  get pids(): readonly number[] {
    return this.#child?.pid === undefined ? [] : [this.#child.pid];
  }

  start(): void {
    const child = spawn(process.execPath, this.#args, { env: this.#env, stdio: ['ignore', 'ignore', 'inherit'] });
    child.once('exit', (_code, signal) => {
      if (signal !== 'SIGKILL') this.endedByItself++;
    });
    this.#child = child;
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }
}
