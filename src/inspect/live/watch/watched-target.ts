import type { ActorObserver } from '../../../actors/actor-observer.js';
import type { Watching } from '../../../actors/watchable.js';
import { pluginLines } from '../../../config/plugin-lines.js';
import type { ConnectionStatus } from '../../../connection/connection-api.js';
import { DownstreamSet } from '../../../downstream/set/downstream-set.js';
import type { RunningServers } from '../../../downstream/set/running-servers.js';
import type { ServerSet } from '../../../downstream/server-set-api.js';
import { withoutSecrets } from '../../../downstream/sessions/secret-texts.js';
import { GatechartError } from '../../../errors.js';
import type { GatewayCalls } from '../../../gateway/call/gateway-calls.js';
import { Gateway } from '../../../gateway/gateway.js';
import type { HookMap } from '../../../hooks/hook.js';
import type { PluginServer } from '../../../hosting/plugin-server.js';
import type { ManagerDependencies } from '../../../manager/manager-dependencies.js';
import { PluginManager } from '../../../manager/plugin-manager.js';
import { type Clock, systemClock } from '../../../time/clock.js';
import { secretsRemover } from './redaction/known-secrets.js';

/** What can be watched. */
export type WatchTarget = PluginManager<HookMap> | Gateway | ServerSet | PluginServer;

/** The same, as far as it is looked into. */
export interface WatchedTarget {
  /** What it is, for people who have not named it. */
  readonly name: string;
  readonly clock: Clock;
  readonly manager: ManagerDependencies | undefined;
  readonly servers: RunningServers | undefined;
  readonly calls: GatewayCalls | undefined;
  observe(observer: ActorObserver): Watching;
  /** Settles when it is closed, with the reason. */
  readonly closed: Promise<string>;
}

/** @throws GatechartError CONFIG_INVALID for what cannot be watched */
export function watchedTarget(target: WatchTarget): WatchedTarget {
  if (target instanceof PluginManager) return { ...ofManager(target), name: 'manager' };
  if (target instanceof Gateway) return ofGateway(target);
  if (target instanceof DownstreamSet) {
    const servers = target.interior;
    return {
      name: 'servers',
      clock: servers.clock,
      manager: undefined,
      servers,
      calls: undefined,
      observe: (observer) => target.observe(observer),
      closed: servers.closed.then(() => 'servers closed'),
    };
  }
  if ('address' in target) return ofPluginServer(target);
  throw new GatechartError(
    'CONFIG_INVALID',
    'What is to be inspected is none of: a PluginManager, a Gateway, what createServerSet gave, a PluginServer.',
  );
}

function ofManager(manager: PluginManager<HookMap>): Omit<WatchedTarget, 'name'> {
  const { interior } = manager;
  return {
    clock: interior.clock,
    manager: interior,
    servers: undefined,
    calls: undefined,
    observe: (observer) => manager.observe(observer),
    closed: interior.closed.promise.then(() => 'manager closed'),
  };
}

function ofGateway(gateway: Gateway): WatchedTarget {
  const { calls, clock, plugins, servers } = gateway.interior;
  return {
    name: 'gateway',
    clock,
    manager: plugins?.interior,
    servers: servers instanceof DownstreamSet ? servers.interior : undefined,
    calls,
    observe: (observer) => gateway.observe(observer),
    closed: gateway.closed.then(() => 'gateway closed'),
  };
}

function ofPluginServer(server: PluginServer): WatchedTarget {
  const { host } = server;
  const manager = host instanceof PluginManager ? ofManager(host) : undefined;
  return {
    name: 'plugin server',
    clock: manager?.clock ?? systemClock,
    manager: manager?.manager,
    servers: undefined,
    calls: undefined,
    observe: (observer) => {
      const watchings = [server.observe?.(observer), manager?.observe(observer)];
      return { unsubscribe: () => watchings.forEach((watching) => watching?.unsubscribe()) };
    },
    closed: server.closed.then(() => 'server closed'),
  };
}

/** Where the connection is whose actor has this id. */
export function connectionStatus({ manager, servers }: WatchedTarget, actor: string): ConnectionStatus | undefined {
  return (manager?.system.find(actor) ?? servers?.findConnection(actor))?.status();
}

/** File and line of a plugin's entry. */
export function sourceOf({ manager }: WatchedTarget, plugin: string): string | undefined {
  if (manager === undefined) return undefined;
  const { config } = manager.inForce.current;
  const line = pluginLines(config)?.get(plugin);
  return config.file === undefined || line === undefined ? undefined : `${config.file.split('/').at(-1)}:${line}`;
}

/** A text without what the entries of this name, of a plugin or a server, give to know. */
export function withoutEntrySecrets({ manager, servers }: WatchedTarget, name: string, text: string): string {
  const own = name.replace(/#\d+$/, '');
  const plugin = manager?.inForce.current.configs.find((entry) => entry.name === own);
  const server = servers?.inForce.find(own)?.server;
  const without = plugin === undefined ? text : secretsRemover(plugin.written)(text);
  return server === undefined ? without : withoutSecrets(without, server.entry);
}
