import type { ActorObserver } from '../actors/actor-observer.js';
import { type Inspector, Supervisor } from '../actors/supervisor.js';
import { inspectAll, observeAll, type Watching, type Watchable } from '../actors/watchable.js';
import type { ServerSet, ServersReload } from '../downstream/server-set-api.js';
import { DownstreamSet } from '../downstream/set/downstream-set.js';
import { messageOf } from '../errors.js';
import type { ConfigWatch } from '../config/reload/config-watch.js';
import type { PluginManager } from '../manager/plugin-manager.js';
import type { ReloadReport } from '../manager/reload/reload-report.js';
import type { Logger } from '../observability/logger.js';
import type { MetricsPage, Prometheus } from '../prometheus/create-prometheus.js';
import type { McpService } from '../serving/mcp/mcp-service.js';
import { listenerSystem } from '../serving/server.js';
import { type Clock, systemClock } from '../time/clock.js';
import type { Deadlines } from '../time/deadlines.js';
import { deferred } from '../time/deferred.js';
import type { Audit } from './audit/create-audit.js';
import type { CallRecorder } from './call/call-record.js';
import type { GatewayCalls } from './call/gateway-calls.js';
import type { GatewayClients } from './clients/gateway-clients.js';
import type { Face } from './faces/face.js';
import { type FollowedRules, followRules } from './reload/rules-file-watch.js';
import type { ReloadRecord } from './reload/reload-record.js';
import type { RulesInForce, RulesSource } from './reload/rules-in-force.js';
import type { HeldRecords } from './telemetry/held-records.js';
import { type GatewayStatus, gatewayStatus, type GatewayStatusDependencies } from './status/gateway-status.js';

/** @internal */
export interface GatewayDependencies extends GatewayStatusDependencies {
  readonly service: McpService;
  readonly servers: ServerSet;
  readonly plugins: PluginManager | undefined;
  readonly rules: RulesInForce;
  readonly serversRecord: ReloadRecord;
  readonly calls: GatewayCalls;
  readonly clients: GatewayClients;
  readonly face: Face;
  /** Where the watches over what clients have seen live. */
  readonly lists: Supervisor;
  readonly deadlines: Deadlines;
  readonly changed: () => void;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly audit: Audit | undefined;
  readonly records: HeldRecords;
  readonly metrics: Prometheus | undefined;
  readonly stopTelemetry: () => void;
  /** Reads the lock file again. */
  readonly readPins: () => Promise<void>;
  /** The file of the rules to follow. */
  readonly followed: FollowedRules | undefined;
}

/** What a reload of everything did; each part by itself. */
export interface GatewayReload {
  /** Why the old rules stay; undefined where the new ones are in force. */
  readonly rules: Error | undefined;
  readonly servers: ServersReload | Error;
  /** Undefined where there are no plugins. */
  readonly plugins: ReloadReport | Error | undefined;
}

/** An MCP server in front of others. Made by `createGateway`. */
export class Gateway implements AsyncDisposable {
  /** What is to be served to agents. */
  readonly service: McpService;
  /** @internal Where the actors of what serves it live, which keep the time of the system: so do clients. */
  readonly listeners: Supervisor;
  readonly #dependencies: GatewayDependencies;
  readonly #changes: Supervisor;
  readonly #watch: ConfigWatch | undefined;
  readonly #stopListening: () => void;
  #closing: Promise<void> | undefined;
  readonly #closed = deferred();

  /** @internal */
  constructor(dependencies: GatewayDependencies) {
    const { service, servers, logger, clock, followed, rules, changed } = dependencies;
    this.service = service;
    this.#dependencies = dependencies;
    this.#changes = new Supervisor('gatewayChanges', logger, clock);
    this.listeners = listenerSystem(systemClock, logger);
    this.#watch = followed && followRules(followed, { rules, system: this.#changes, clock, logger });
    this.#stopListening = servers.onChange(({ kind }) => {
      if (kind !== 'state') changed();
    });
  }

  /** Runs the hooks; undefined where there are no plugins. */
  get plugins(): PluginManager | undefined {
    return this.#dependencies.plugins;
  }

  /** Clients that are connected. */
  get clients(): number {
    return this.#dependencies.clients.size;
  }

  /** Calls that run. */
  get calls(): number {
    return this.#dependencies.calls.size;
  }

  /** What it counts of itself, in Prometheus' text format; undefined where the option `metrics` is not set. */
  get metrics(): (() => Promise<MetricsPage>) | undefined {
    const { metrics } = this.#dependencies;
    return metrics && (() => metrics.page());
  }

  /** @internal Tells audits of requests that never became one of MCP. */
  get record(): CallRecorder {
    return this.#dependencies.records.record;
  }

  /** @param agent for whom; undefined is whoever runs the gateway, and is told all */
  status(agent?: string): GatewayStatus {
    return gatewayStatus(this.#dependencies, agent);
  }

  /**
   * Puts other rules in force, or the file as it is now. What cannot be used changes nothing.
   *
   * @throws ConfigError CONFIG_UNREADABLE, CONFIG_INVALID
   */
  reloadRules(source?: RulesSource): void {
    this.#dependencies.rules.reload(source);
  }

  /**
   * Reads everything again: the rules first, so that nothing holds up what they deny, then servers and plugins, each by
   * itself. Opens the audit log again. Never rejects.
   */
  async reload(): Promise<GatewayReload> {
    const { audit, plugins, rules } = this.#dependencies;
    const ruled = attempt(() => rules.reload());
    const [servers, hooks] = await Promise.all([
      this.#reloadServers(),
      plugins === undefined ? undefined : plugins.reload().catch(asError),
      this.#dependencies.readPins(),
      audit?.reopen(),
    ]);
    this.#dependencies.changed();
    return { rules: ruled, servers, plugins: hooks };
  }

  /** Watches all that runs, its servers and plugins included, through XState's inspection API. */
  inspect(inspector: Inspector): { unsubscribe(): void } {
    return inspectAll(this.#parts, inspector, 'gateway');
  }

  /** @internal */
  observe(observer: ActorObserver): Watching {
    return observeAll(this.#parts, observer);
  }

  /** @internal Settles when nothing is left, whoever closed it. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** @internal What there is to know of it for who looks into it. */
  get interior(): GatewayDependencies {
    return this.#dependencies;
  }

  /**
   * Takes no more calls, waits for those that run, cancels those that still do then, and closes servers, plugins and audit.
   * Settles when nothing is left. May be called more than once; the first call decides how.
   *
   * @param options.drainMs milliseconds that running calls get. Default 0
   */
  close({ drainMs = 0 }: { readonly drainMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(drainMs);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Servers that somebody else has made up have no actors that could be seen. */
  get #parts(): readonly Watchable[] {
    const { calls, lists, plugins, servers } = this.#dependencies;
    return [
      calls,
      this.#changes,
      lists,
      this.listeners,
      ...(servers instanceof DownstreamSet ? [servers] : []),
      ...(plugins === undefined ? [] : [plugins]),
    ];
  }

  async #reloadServers(): Promise<ServersReload | Error> {
    const { servers, serversRecord } = this.#dependencies;
    try {
      const report = await servers.reload();
      serversRecord.succeeded();
      return report;
    } catch (error) {
      serversRecord.failed(messageOf(error));
      return asError(error);
    }
  }

  async #close(drainMs: number): Promise<void> {
    const { audit, calls, clients, deadlines, face, lists, plugins, records, servers, stopTelemetry } =
      this.#dependencies;
    this.#watch?.close();
    this.#stopListening();
    await calls.close(drainMs);
    face.close?.();
    clients.close();
    try {
      await Promise.all([servers.close(), plugins?.close()]);
    } finally {
      // What was decided is written down however the others end.
      records.release();
      stopTelemetry();
      await audit?.close();
      this.#changes.stop();
      lists.stop();
      deadlines.close();
      this.#closed.resolve();
    }
  }
}

function attempt(act: () => void): Error | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return asError(error);
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(messageOf(error));
}
