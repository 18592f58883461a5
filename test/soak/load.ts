import { setTimeout } from 'node:timers/promises';
import { createManager, type PluginManager, silentLogger } from '../../src/index.js';
import type { Random } from '../../src/time/clock.js';
import type { Accounts, SoakCall } from './accounts.js';

/** Acts and how often each is drawn. */
const weights = { quick: 600, slow: 150, fail: 60, block: 60, odd: 60, stray: 60, huge: 4, large: 4 } as const;
type Act = keyof typeof weights;
const acts = (Object.keys(weights) as Act[]).flatMap((act) => Array.from({ length: weights[act] }, () => act));

export interface LoadOptions {
  readonly transport: string;
  /** Where the server is: `mcp`, `grpc` or `unix_socket` with its settings. */
  readonly section: Readonly<Record<string, object>>;
  readonly accounts: Accounts;
  readonly random: Random;
  readonly now: () => number;
}

const workersPerPlugin = 6;
/** Milliseconds a worker rests between calls on the average, so that no processor is the bottleneck. */
const restMs = 10;

/** A manager whose two plugins live on one server: the calls of one may be replayed, those of the other never. */
export class Load {
  readonly #options: LoadOptions;
  #managers: readonly PluginManager[] = [];
  #workers: Promise<unknown> = Promise.resolve();
  readonly #stopping = new AbortController();

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const [[kind, settings]] = Object.entries(this.#options.section) as [[string, object]];
    const plugin = (replay: string) => ({
      name: 'Ledger',
      kind: 'external',
      hooks: ['tool_pre_invoke'],
      [kind]: { ...settings, replay },
    });
    const managers = await Promise.all(
      ['once', 'never'].map((replay) =>
        createManager({
          config: {
            plugins: [plugin(replay)],
            plugin_settings: { plugin_timeout: 20, max_payload_size: 40_000_000 },
          },
          logger: silentLogger,
          env: process.env,
        }),
      ),
    );
    this.#workers = Promise.all(
      managers.flatMap((manager, index) =>
        Array.from({ length: workersPerPlugin }, () => this.#work(manager, index === 0)),
      ),
    );
    this.#managers = managers;
  }

  get states(): string[] {
    return this.#managers.flatMap(({ connections }) => connections.map(({ state }) => state));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#workers;
    await Promise.all(this.#managers.map((manager) => manager.close()));
  }

  async #work(manager: PluginManager, replays: boolean): Promise<void> {
    const { accounts, transport, random, now } = this.#options;
    while (!this.#stopping.signal.aborted) {
      const act = acts[Math.floor(random() * acts.length)] ?? 'quick';
      const id = `${transport}-${++accounts.started}`;
      const call: SoakCall = { id, transport, act, replays, startedAt: now() };
      const text = act === 'large' ? 'y'.repeat(17 * 1024 * 1024) : 'y'.repeat(Math.floor(random() * 2000));
      const args = { id, act, ms: Math.floor(random() * 300), text };
      try {
        const outcome = await manager.invokeHookForPlugin(
          'Ledger',
          'tool_pre_invoke',
          { name: 'soak', args },
          { globalContext: { requestId: id } },
        );
        accounts.answered(call, outcome);
      } catch (error) {
        accounts.failed(call, error);
      }
      await setTimeout(random() * 2 * restMs);
    }
  }
}
