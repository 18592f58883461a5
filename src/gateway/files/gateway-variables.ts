import type { ConfigIssue } from '../../config/config-issue.js';
import { ConfigError } from '../../config/config-issue.js';
import { variableText } from '../../config/environment/variable-text.js';
import { suggestionFor } from '../../config/suggestion.js';
import { outerGatewaysVariable } from './outer-gateways.js';

/** What the environment says to the gateway. Flags of the command line come before it. */
export interface GatewayVariables {
  /** `GATEWAY_MCP_CONFIG`: path of the servers file. */
  readonly servers: string | undefined;
  /** `GATEWAY_RULES`: path of the rules file. */
  readonly rules: string | undefined;
  /** `GATEWAY_DEFAULT_AGENT`: who calls where no agent is named, if the rules allow that. */
  readonly defaultAgent: string | undefined;
  /** `GATEWAY_DEBUG`: whether the tool with the state of the gateway is offered. */
  readonly debug: boolean;
  /** `GATEWAY_AUDIT_LOG`: path of the audit log; undefined where it is not set. */
  readonly auditLog: string | undefined;
  /** `GATECHART_TOKEN`: what clients over HTTP have to show. A secret. */
  readonly token: string | undefined;
  /** Variables that nothing reads, or that say nothing. */
  readonly warnings: readonly ConfigIssue[];
}

const names: readonly string[] = [
  'GATEWAY_MCP_CONFIG',
  'GATEWAY_RULES',
  'GATEWAY_DEFAULT_AGENT',
  'GATEWAY_DEBUG',
  'GATEWAY_AUDIT_LOG',
  'GATECHART_TOKEN',
];

/** Variables that agent-mcp-gateway documents and does not read, and what to say instead. */
const unread: Readonly<Record<string, string>> = {
  GATEWAY_TRANSPORT: 'give `--transport`',
  GATEWAY_PORT: 'give `--port`',
  GATEWAY_INIT_STRATEGY:
    'servers are started when they are first used; `eager` in the entry of a server starts it at once',
};

/** What Kubernetes sets in every container beside a service that is called `gateway`. */
const ofServices = /^GATEWAY_(?:SERVICE_(?:HOST|PORT)|PORT_\d+_(?:TCP|UDP))/;

/**
 * Reads the variables of agent-mcp-gateway, and the token. An empty variable counts as unset, but for the token.
 *
 * @throws ConfigError CONFIG_INVALID for a token that is empty: whoever set it expects that one is asked for
 */
export function readGatewayVariables(env: NodeJS.ProcessEnv): GatewayVariables {
  const text = (name: string): string | undefined => {
    const value = variableText(env[name])?.trim();
    return value === '' ? undefined : value;
  };
  const token = variableText(env['GATECHART_TOKEN']);
  if (token !== undefined && token.trim() === '') {
    const message = 'expected a token, found an empty string; set one, or unset the variable';
    const issue: ConfigIssue = { path: 'GATECHART_TOKEN', message, severity: 'error' };
    throw new ConfigError('CONFIG_INVALID', 'the environment has 1 error', [issue]);
  }
  const debug = text('GATEWAY_DEBUG')?.toLowerCase();
  return {
    servers: text('GATEWAY_MCP_CONFIG'),
    rules: text('GATEWAY_RULES'),
    defaultAgent: text('GATEWAY_DEFAULT_AGENT'),
    debug: ['true', '1', 'yes'].includes(debug ?? ''),
    auditLog: text('GATEWAY_AUDIT_LOG'),
    token,
    warnings: [...debugWarnings(debug), ...Object.keys(env).flatMap(warningsAbout)],
  };
}

function debugWarnings(debug: string | undefined): ConfigIssue[] {
  if (debug === undefined || ['true', '1', 'yes', 'false', '0', 'no'].includes(debug)) return [];
  return [warning('GATEWAY_DEBUG', 'expected true, 1 or yes, found something else, which switches nothing on')];
}

function warningsAbout(name: string): ConfigIssue[] {
  if (
    !/^(?:GATEWAY|GATECHART)_/i.test(name) ||
    names.includes(name) ||
    name === outerGatewaysVariable ||
    ofServices.test(name)
  )
    return [];
  const instead = Object.hasOwn(unread, name) ? unread[name] : undefined;
  if (instead !== undefined) return [warning(name, `nothing reads this variable; ${instead}`)];
  const meant = suggestionFor(name, names);
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
  return [warning(name, `nothing reads this variable${hint}`)];
}

function warning(path: string, message: string): ConfigIssue {
  return { path, message, severity: 'warning' };
}
