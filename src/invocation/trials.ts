import type { ChainPlugin } from '../plugins/plugin-registry.js';

/** The plugins that one invocation tries again after they were disabled. Each is told what came of it, once. */
export class Trials {
  readonly #open: Set<ChainPlugin>;

  constructor(plugins: Iterable<ChainPlugin>) {
    this.#open = new Set(plugins);
  }

  /** The plugin has answered, or denied: it works. */
  succeeded(plugin: ChainPlugin): void {
    if (this.#open.delete(plugin)) plugin.gate.succeeded();
  }

  /** @returns whether the plugin was on trial */
  failed(plugin: ChainPlugin, error: Error): boolean {
    const was = this.#open.delete(plugin);
    if (was) plugin.gate.failed(error);
    return was;
  }

  /** The plugin did not run, or was given up. */
  unused(plugin: ChainPlugin): void {
    if (this.#open.delete(plugin)) plugin.gate.unused();
  }

  /** No plugin runs any more: another invocation may try those that nothing has come of. */
  giveBack(): void {
    for (const plugin of this.#open) this.unused(plugin);
  }
}
