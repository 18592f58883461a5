import type { EntryInput, SectionInputs } from '../config/sections/section-inputs.js';
import type { ReadyMadeConfigs } from './ready-made-configs.js';

/** The `config` section of a plugin: that of its kind where it comes with gatechart, else any map. */
type ConfigOfKind<Kind extends string> = Kind extends keyof ReadyMadeConfigs ? ReadyMadeConfigs[Kind] : object;

/** One entry of `plugins`, with the keys of a file. Where the kind is one that comes with gatechart, `config` is typed. */
export type PluginInput<Kind extends string = string> = EntryInput & {
  /** `external`, the name of one that comes with gatechart or is registered, or a module with export: `./deny.js#DenyList`. */
  readonly kind: Kind | (string extends Kind ? keyof ReadyMadeConfigs : never);
  readonly config?: ConfigOfKind<Kind> | null | undefined;
};

/** A configuration of plugins in code, with the keys of a file: all that may be left out there may be left out. */
export type ConfigInput<Kinds extends readonly string[] = readonly string[]> = SectionInputs & {
  readonly plugins?: { readonly [Index in keyof Kinds]: PluginInput<Kinds[Index]> } | null | undefined;
};

/** Checks nothing and changes nothing: it is there so that the editor knows the keys of a configuration in code. */
export function defineConfig<const Kinds extends readonly string[]>(config: ConfigInput<Kinds>): ConfigInput<Kinds> {
  return config;
}
