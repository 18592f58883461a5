import type { ActorRecorder } from '../actors/actor-recorder.js';
import type { Inspector } from '../actors/supervisor.js';
import { checkOptionNames, invalid } from '../config/code-options.js';
import type { ServerSet } from '../downstream/server-set-api.js';
import type { PluginManager } from '../manager/plugin-manager.js';
import type { Logger } from '../observability/logger.js';
import type { McpTelemetry } from '../observability/mcp-telemetry.js';
import type { Prometheus } from '../prometheus/create-prometheus.js';
import type { Clock } from '../time/clock.js';
import type { Audit } from './audit/create-audit.js';
import type { CallRecorder } from './call/call-record.js';
import type { Envelope } from './faces/on-demand/execute-tool.js';
import type { ProvenAgents } from './identity/proven-agent.js';
import type { PrefixMode } from './offer/prefixes.js';
import type { RulesSource } from './reload/rules-in-force.js';

/** How a gateway shows itself: with a few tools that stand for all, or with all that its servers have. */
export type FaceName = 'on-demand' | 'transparent';

/** What a gateway is made of. */
export interface GatewayOptions {
  /** The servers behind it. Closed with the gateway. */
  readonly servers: ServerSet;
  /** A rules file, or the same as a plain object. Without rules every agent may use every server. */
  readonly rules?: RulesSource | undefined;
  /** Follows the rules file. Default false. */
  readonly watch?: boolean;
  /** Keys of the rules that are not known are errors. Default false. */
  readonly strict?: boolean;
  /** Runs the hooks around every call. Closed with the gateway. */
  readonly plugins?: PluginManager | undefined;
  /** Default `on-demand`. */
  readonly face?: FaceName;
  /** When names of servers are put in front of those of tools and prompts, in the face `transparent`. Default `auto`. */
  readonly prefix?: PrefixMode;
  /** What stands between them. Default `__`. */
  readonly separator?: string;
  /** Speaks for all calls: none can name another agent. */
  readonly agent?: string | undefined;
  /** Stands in for calls that name no agent, where the rules let it. */
  readonly defaultAgent?: string | undefined;
  /** Which agents users are that have proven who they are. Default: those of the same names. */
  readonly provenAgents?: ProvenAgents | undefined;
  /** How `execute_tool` gives its answers. Default `content`: as the server gave them. */
  readonly envelope?: Envelope;
  /** Offers `get_gateway_status`. Default false. */
  readonly debug?: boolean;
  /** Takes a record of each decision. */
  readonly record?: CallRecorder;
  /** Writes each decision down. Opened again when the gateway reads its files again, closed with it. */
  readonly audit?: Audit | undefined;
  /**
   * Counts calls, servers, sessions and what plugins do, for {@link Gateway.metrics}; where it is not `true`, together with
   * what else that has counted. Default false.
   */
  readonly metrics?: boolean | Prometheus;
  /** Traces and measures, `createOpenTelemetry` for instance. Default: nothing is traced, and traces are passed on as they came. */
  readonly telemetry?: McpTelemetry | undefined;
  /** Path of the file with the approved tools. Default: gatechart.lock in the working directory. */
  readonly lockFile?: string;
  /** Default: pino on standard error. */
  readonly logger?: Logger;
  readonly inspector?: Inspector;
  /**
   * Writes down what happens to every actor: see `createRecorder` of `gatechart/inspect`. Servers and plugins are recorded
   * from their start where they are given the same.
   */
  readonly recorder?: ActorRecorder;
  readonly clock?: Clock;
}

const names: Readonly<Record<keyof GatewayOptions, true>> = {
  servers: true,
  rules: true,
  watch: true,
  strict: true,
  plugins: true,
  face: true,
  prefix: true,
  separator: true,
  agent: true,
  defaultAgent: true,
  provenAgents: true,
  envelope: true,
  debug: true,
  record: true,
  audit: true,
  metrics: true,
  telemetry: true,
  lockFile: true,
  logger: true,
  inspector: true,
  recorder: true,
  clock: true,
};

/** @throws GatechartError CONFIG_INVALID */
export function checkGatewayOptions(options: GatewayOptions): void {
  checkOptionNames(options, Object.keys(names), 'createGateway');
  oneOf('face', options.face, ['on-demand', 'transparent']);
  oneOf('prefix', options.prefix, ['auto', 'always', 'never']);
  oneOf('envelope', options.envelope, ['content', 'reference']);
  if (typeof options.servers?.request !== 'function')
    throw invalid('option servers of createGateway is no server set; expected what createServerSet gives');
}

function oneOf(name: string, value: string | undefined, known: readonly string[]): void {
  if (value === undefined || known.includes(value)) return;
  const expected = known.map((word) => JSON.stringify(word)).join(', ');
  throw invalid(`option ${name} of createGateway is ${JSON.stringify(value)}, expected one of ${expected}`);
}
