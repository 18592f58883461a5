import type { OpenConnection } from '../../../connection/connection-system.js';
import { DownstreamSet } from '../../../downstream/set/downstream-set.js';
import type { ServerSet, ServersReload } from '../../../downstream/server-set-api.js';
import { messageOf } from '../../../errors.js';
import { Gateway, type GatewayReload } from '../../../gateway/gateway.js';
import type { CallRecorder } from '../../../gateway/call/call-record.js';
import type { HookMap } from '../../../hooks/hook.js';
import { PluginManager } from '../../../manager/plugin-manager.js';
import type { ReloadReport } from '../../../manager/reload/reload-report.js';

/** What can be steered of a process. */
export interface ControlTarget {
  /** Undefined where there are none. */
  readonly plugins: Pick<PluginManager, 'plugins' | 'setMode' | 'enablePlugin' | 'disablePlugin'> | undefined;
  /** The connections whose actors have this id. */
  connections(actor: string): readonly OpenConnection[];
  /** Reads everything again; says what came of it. @throws what kept the old from being replaced */
  reload(): Promise<string>;
  /** Where decisions are written down, where they are. */
  readonly audit: CallRecorder | undefined;
}

/** Whose connections and plugins can be steered: made by `createGateway`, `createManager` or `createServerSet`. */
export function controlTarget(of: Gateway | PluginManager<HookMap> | ServerSet): ControlTarget {
  if (of instanceof Gateway) {
    const { audit, servers } = of.interior;
    return {
      plugins: of.plugins,
      connections: (actor) => [...inServers(servers, actor), ...inPlugins(of.plugins, actor)],
      reload: async () => gatewayText(await of.reload()),
      audit: audit && ((record) => audit.record(record)),
    };
  }
  if (of instanceof PluginManager) {
    return {
      plugins: of,
      connections: (actor) => inPlugins(of, actor),
      reload: async () => pluginsText(await of.reload()),
      audit: undefined,
    };
  }
  return {
    plugins: undefined,
    connections: (actor) => inServers(of, actor),
    reload: async () => serversText(await of.reload()),
    audit: undefined,
  };
}

function inPlugins(plugins: PluginManager<HookMap> | undefined, actor: string): OpenConnection[] {
  return named(actor, (id) => plugins?.interior.system.find(id));
}

/** Those that somebody else has made up have connections of their own. */
function inServers(servers: ServerSet, actor: string): OpenConnection[] {
  return servers instanceof DownstreamSet ? named(actor, (id) => servers.interior.findConnection(id)) : [];
}

/** Those who look know an actor by another id, with a number behind it, while an earlier one is still shown under its own. */
function named(actor: string, find: (id: string) => OpenConnection | undefined): OpenConnection[] {
  const found = find(actor) ?? find(actor.replace(/~\d+$/, ''));
  return found === undefined ? [] : [found];
}

function pluginsText({ added, changed, removed, replaced, unchanged }: ReloadReport): string {
  return `plugins: ${countsOf({ added, changed, removed, replaced, unchanged })}`;
}

function serversText(report: ServersReload): string {
  return `servers: ${countsOf({ ...report })}`;
}

/** @throws Error that names each part that stays as it was */
function gatewayText({ rules, servers, plugins }: GatewayReload): string {
  const failed = Object.entries({ rules, servers, plugins }).filter(([, result]) => result instanceof Error);
  if (failed.length > 0)
    throw new Error(failed.map(([what, error]) => `the old ${what} stay in force: ${messageOf(error)}`).join('; '));
  const texts = [
    'rules are read again',
    servers instanceof Error ? '' : serversText(servers),
    plugins === undefined || plugins instanceof Error ? '' : pluginsText(plugins),
  ];
  return texts.filter((text) => text !== '').join('; ');
}

function countsOf(report: Readonly<Record<string, readonly string[]>>): string {
  const counts = Object.entries(report).flatMap(([what, names]) =>
    names.length > 0 ? [`${names.length} ${what}`] : [],
  );
  return counts.length === 0 ? 'there are none' : counts.join(', ');
}
