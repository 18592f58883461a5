import type { PluginModeName } from '../../config/sections/plugin-modes.js';
import type { PluginManager } from '../../manager/plugin-manager.js';
import type { Journal } from './journal.js';
import type { SimulatedCall } from './simulated-call.js';

/** Which mode each plugin has, and since when: calls that began before finish with the one that there was. */
export class PluginModes {
  readonly #modes: Map<string, PluginModeName>;
  readonly #journal: Journal;
  #since = 0;
  #changing = 0;

  constructor(modes: ReadonlyMap<string, PluginModeName>, journal: Journal) {
    this.#modes = new Map(modes);
    this.#journal = journal;
  }

  /** Undefined where a call may meet the plugin in more than one. */
  of(plugin: string, call: SimulatedCall | undefined): PluginModeName | undefined {
    return this.#changing > 0 || call === undefined || call.begunIn < this.#since ? undefined : this.#modes.get(plugin);
  }

  /** Modes are about to change. @returns what is called when they have, or stay */
  changing(): (manager: PluginManager) => void {
    this.#changing++;
    return (manager) => {
      this.#changing--;
      this.#since = this.#journal.steps + 1;
      for (const { name, mode } of manager.plugins) this.#modes.set(name, mode);
    };
  }
}
