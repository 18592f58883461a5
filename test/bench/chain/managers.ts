import {
  createManager,
  definePlugin,
  gatewayPolicies,
  type HookOutcome,
  type PluginManager,
  type PluginModeName,
  silentLogger,
  type ToolPreInvokePayload,
} from 'gatechart';
import type { Recorder } from 'gatechart/inspect';
import type { Step } from './by-hand.js';
import type { ChainRequest } from './requests.js';

export interface ManagerOf {
  /** Of each step, or of all. Default: `enforce`. */
  readonly mode?: PluginModeName | readonly PluginModeName[];
  readonly recorder?: Recorder;
}

/** A manager with a plugin for each step, under the policies that a gateway has. */
export function managerOf(
  steps: readonly Step[],
  { mode = 'enforce', ...more }: ManagerOf = {},
): Promise<PluginManager> {
  const plugins = steps.map(({ name, tenants }, index) => ({
    name,
    kind: name,
    mode: (typeof mode === 'string' ? mode : mode[index]) ?? 'enforce',
    hooks: ['tool_pre_invoke'],
    ...(tenants && { conditions: [{ tenant_ids: [...tenants] }] }),
  }));
  const kinds = Object.fromEntries(
    steps.map(({ name, handle }) => [name, definePlugin({ hooks: { tool_pre_invoke: handle } })]),
  );
  return createManager({
    config: { plugins },
    kinds,
    policies: gatewayPolicies,
    logger: silentLogger,
    env: {},
    ...more,
  });
}

/** What is done `count` times, one after the other. */
export const repeat =
  (run: () => Promise<unknown>) =>
  async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) await run();
  };

export function invoke(
  manager: PluginManager,
  { payload, context }: ChainRequest,
): Promise<HookOutcome<ToolPreInvokePayload>> {
  return manager.invokeHook('tool_pre_invoke', payload, context);
}
