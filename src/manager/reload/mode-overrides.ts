import type { PluginConfig } from '../../config/sections/plugin-entry.js';
import type { PluginModeName } from '../../config/sections/plugin-modes.js';

/** A mode that was set while the manager ran. */
interface ModeOverride {
  readonly mode: PluginModeName;
  /** What the entry said then, undefined where it said nothing. Where it comes to say something else, that holds. */
  readonly over: unknown;
}

/** The modes that were set while a manager ran, by plugin. Never changed, only replaced. */
export class ModeOverrides {
  readonly #byPlugin: ReadonlyMap<string, ModeOverride>;

  constructor(byPlugin: ReadonlyMap<string, ModeOverride> = new Map()) {
    this.#byPlugin = byPlugin;
  }

  /** @param entry as it was written */
  with({ name, written }: PluginConfig, mode: PluginModeName): ModeOverrides {
    return new ModeOverrides(new Map(this.#byPlugin).set(name, { mode, over: written['mode'] }));
  }

  /** Those that hold over these entries, which are as they were written. */
  over(entries: readonly PluginConfig[]): ModeOverrides {
    const holding = entries.flatMap(({ name, written }) => {
      const override = this.#byPlugin.get(name);
      return override !== undefined && override.over === written['mode'] ? [[name, override] as const] : [];
    });
    return new ModeOverrides(new Map(holding));
  }

  /** The entry with the mode that is in force. */
  apply(entry: PluginConfig): PluginConfig {
    const override = this.#byPlugin.get(entry.name);
    if (override === undefined) return entry;
    const { mode } = override;
    return { ...entry, mode, written: { ...entry.written, mode } };
  }
}
