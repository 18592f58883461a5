/** The modes of both generations of the framework. */
export const pluginModeNames = [
  'enforce',
  'enforce_ignore_error',
  'permissive',
  'disabled',
  'sequential',
  'transform',
  'audit',
  'concurrent',
  'fire_and_forget',
] as const;

/** What a plugin may do to the chain; the table of modes is in the guide on writing plugins. */
export type PluginModeName = (typeof pluginModeNames)[number];

export const onErrorNames = ['fail', 'ignore', 'disable'] as const;

/**
 * What comes of a plugin's error or missed deadline: the caller gets it, the chain goes on, or the chain goes on and the
 * plugin is left out from then on.
 */
export type OnError = (typeof onErrorNames)[number];

export const modeDialects = ['contextforge', 'cpex'] as const;

/** Whose meaning the words of 1.0.0 have: that of 1.0.0, or the one that `cpex` gives them. */
export type ModeDialect = (typeof modeDialects)[number];

/** What has to be known of a mode before anything runs. What it may do to a chain stands in `plugins/plugin-mode.ts`. */
export interface ModeTraits {
  /** Which generation of the framework brought it. */
  readonly generation: '1.0.0' | 'cpex';
  /** When it runs: phases run one after the other, whatever the priorities. Undefined for what never runs. */
  readonly phase: number | undefined;
  /** What comes of an error where the entry does not say. */
  readonly onError: OnError;
  /** What `cpex` reads a word of 1.0.0 as. */
  readonly inCpex?: { readonly mode: PluginModeName; readonly onError: OnError };
}

/** Every mode, as a row. */
export const modeTraits: Readonly<Record<PluginModeName, ModeTraits>> = {
  enforce: { generation: '1.0.0', phase: 0, onError: 'fail', inCpex: { mode: 'sequential', onError: 'fail' } },
  enforce_ignore_error: {
    generation: '1.0.0',
    phase: 0,
    onError: 'ignore',
    inCpex: { mode: 'sequential', onError: 'ignore' },
  },
  permissive: { generation: '1.0.0', phase: 0, onError: 'ignore', inCpex: { mode: 'transform', onError: 'fail' } },
  disabled: { generation: '1.0.0', phase: undefined, onError: 'ignore' },
  sequential: { generation: 'cpex', phase: 0, onError: 'fail' },
  transform: { generation: 'cpex', phase: 1, onError: 'fail' },
  audit: { generation: 'cpex', phase: 2, onError: 'ignore' },
  concurrent: { generation: 'cpex', phase: 3, onError: 'fail' },
  fire_and_forget: { generation: 'cpex', phase: 4, onError: 'ignore' },
};
