import { checkOptionNames, invalid } from '../../config/code-options.js';
import { DownstreamSet } from '../../downstream/set/downstream-set.js';
import type { ServerSet } from '../../downstream/server-set-api.js';
import { Gateway } from '../../gateway/gateway.js';
import type { HookMap } from '../../hooks/hook.js';
import type { PluginServer } from '../../hosting/plugin-server.js';
import { describeValue } from '../../json/described-value.js';
import { isRecord } from '../../json/records.js';
import { PluginManager } from '../../manager/plugin-manager.js';
import { createLogger, type Logger, unfailingLogger } from '../../observability/logger.js';
import { type Clock, systemClock } from '../../time/clock.js';
import { auditedControl, type ControlRecord } from './control/audited-control.js';
import { createControl } from './control/control.js';
import { controlTarget } from './control/control-target.js';
import type { LiveSource } from './feed/live-source.js';
import { inspectorHosts } from './serve/inspector-endpoint.js';
import { startInspectorServer } from './serve/inspector-server.js';
import { createLiveSource } from './watch/create-live-source.js';

/** What can be looked into: whatever `createGateway`, `createManager`, `createServerSet` and `createPluginServer` have made. */
export type Inspected = Gateway | PluginManager<HookMap> | ServerSet | PluginServer;

/** How a process is inspected. */
export interface InspectorOptions {
  /** Port to listen on; 0: any that is free. Default 4983, or a free one where that is taken. */
  readonly port?: number;
  /** Address to listen on; only this machine can reach either. Default `127.0.0.1`. */
  readonly host?: '127.0.0.1' | '::1';
  /** Whether whoever looks may retry and close connections, change plugins, and reload. Default false. */
  readonly control?: boolean;
  /** Whether payloads are shown, or only what became of them, by path, length and fingerprint. Default `redacted`. */
  readonly payloads?: 'redacted' | 'shown';
  /** What the process is called. Default: what is inspected. */
  readonly name?: string;
  /** Told of what is steered. Default: pino on standard error. Addresses with tokens are never logged. */
  readonly logger?: Logger;
  readonly clock?: Clock;
  /** Told of everything that was asked by whoever looks, done or not. The audit log of a gateway is told anyway. */
  readonly audit?: (record: ControlRecord) => void;
}

/** An inspector that is being served. It ends by itself when what it is attached to does. */
export interface AttachedInspector extends AsyncDisposable {
  readonly port: number;
  /** `http://127.0.0.1:4983` */
  readonly address: string;
  /** The address with a one-time token: it lets one browser or terminal in, within 5 minutes. A new one each time. */
  url(): string;
  /** Settles when it is gone, whoever ended it. */
  readonly closed: Promise<void>;
  /** Tells those who look, and ends. May be called more than once. */
  close(): Promise<void>;
}

/** Makes the source of what is told of a process, which watches until it is closed. */
export type CreateSource = (
  inspected: Inspected,
  options: {
    readonly name?: string;
    readonly payloads: 'redacted' | 'shown';
    readonly control?: LiveSource['control'];
  },
) => LiveSource & { close(): void };

const names: Readonly<Record<keyof InspectorOptions, true>> = {
  port: true,
  host: true,
  control: true,
  payloads: true,
  name: true,
  logger: true,
  clock: true,
  audit: true,
};

/**
 * Lets people look into a running gateway, manager, set of servers or plugin server: in a browser on this machine, or with
 * `gatechart top`. Who looks needs an address of {@link AttachedInspector.url}.
 *
 * ```ts
 * await using inspector = await attachInspector(manager);
 * console.error(inspector.url());
 * ```
 *
 * @throws GatechartError CONFIG_INVALID, SERVER_START_FAILED
 */
export function attachInspector(inspected: Inspected, options: InspectorOptions = {}): Promise<AttachedInspector> {
  return attachWith(createLiveSource, inspected, options);
}

/** The same with a source of one's own. @internal */
export async function attachWith(
  createSource: CreateSource,
  inspected: Inspected,
  options: InspectorOptions = {},
): Promise<AttachedInspector> {
  check(options);
  const { port, host = '127.0.0.1', payloads = 'redacted', name, clock = systemClock, audit: listener } = options;
  const logger = unfailingLogger(options.logger ?? createLogger('info'));
  const steered = steeredOf(inspected);
  let control: LiveSource['control'];
  if (options.control === true) {
    const target = controlTarget(steered);
    control = auditedControl(createControl(target), { record: target.audit, listener, logger, clock });
  }
  const source = createSource(inspected, { payloads, control, ...(name !== undefined && { name }) });
  try {
    const server = await startInspectorServer({ source, host, port, clock, logger });
    void server.closed.then(() => source.close());
    return { ...server, [Symbol.asyncDispose]: () => server.close() };
  } catch (error) {
    source.close();
    throw error;
  }
}

/** What is steered; of a plugin server, its plugins. @throws GatechartError CONFIG_INVALID for what cannot be looked into */
function steeredOf(inspected: Inspected): Gateway | PluginManager<HookMap> | DownstreamSet {
  if (inspected instanceof Gateway || inspected instanceof DownstreamSet) return inspected;
  const found: unknown = isRecord(inspected) && 'host' in inspected ? inspected.host : inspected;
  if (found instanceof PluginManager) return found;
  throw invalid(
    `attachInspector was given ${describeValue(found)}, expected what createGateway, createManager, createServerSet or ` +
      'createPluginServer has made',
  );
}

/** @throws GatechartError CONFIG_INVALID */
function check(options: InspectorOptions): void {
  checkOptionNames(options, Object.keys(names), 'attachInspector');
  const { port = 0, host = '127.0.0.1', control = false, payloads = 'redacted' } = options;
  const where = 'of attachInspector';
  if (!Number.isSafeInteger(port) || port < 0 || port > 65_535)
    throw invalid(`option port ${where}: expected an integer from 0 to 65535`);
  if (!inspectorHosts.includes(host))
    throw invalid(`option host ${where}: an inspector is for this machine alone; expected 127.0.0.1 or ::1`);
  if (typeof control !== 'boolean') throw invalid(`option control ${where}: expected true or false`);
  if (payloads !== 'redacted' && payloads !== 'shown')
    throw invalid(`option payloads ${where}: expected redacted or shown`);
}
