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

/** What has to be known of a mode before anything runs. What it may do to a chain stands in `plugins/plugin-mode.ts`. */
export interface ModeTraits {
  /** Which generation of the framework brought it. */
  readonly generation: '1.0.0' | 'cpex';
  /** When `cpex` runs it, which reads the modes of 1.0.0 as modes of its own; undefined for what never runs. */
  readonly phase: number | undefined;
  /** The chain goes on after its errors. */
  readonly carriesOn: boolean;
}

/** Every mode, as a row. */
export const modeTraits: Readonly<Record<PluginModeName, ModeTraits>> = {
  enforce: { generation: '1.0.0', phase: 0, carriesOn: false },
  enforce_ignore_error: { generation: '1.0.0', phase: 0, carriesOn: true },
  permissive: { generation: '1.0.0', phase: 1, carriesOn: true },
  disabled: { generation: '1.0.0', phase: undefined, carriesOn: false },
  sequential: { generation: 'cpex', phase: 0, carriesOn: false },
  transform: { generation: 'cpex', phase: 1, carriesOn: false },
  audit: { generation: 'cpex', phase: 2, carriesOn: true },
  concurrent: { generation: 'cpex', phase: 3, carriesOn: false },
  fire_and_forget: { generation: 'cpex', phase: 4, carriesOn: true },
};
