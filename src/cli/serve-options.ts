import type { Readable, Writable } from 'node:stream';
import { GatechartError } from '../errors.js';
import type { GatewayFile } from '../gateway/files/gateway-files.js';
import { findGatewayFile, searchGatewayFile } from '../gateway/files/gateway-files.js';
import type { GatewayVariables } from '../gateway/files/gateway-variables.js';
import { readHttpFile } from '../gateway/http/http-file.js';
import type { GatewayOptions } from '../gateway/gateway-options.js';
import type { RecordCommand } from './record-options.js';
import type { GatewayTransport } from '../gateway/serve-gateway.js';
import type { InspectFlags } from './inspect-flags.js';

/** What the command line says; each beats the variable that says the same. */
export interface ServeCommand extends InspectFlags, RecordCommand {
  readonly servers?: string | undefined;
  readonly rules?: string | undefined;
  readonly plugins?: string | undefined;
  readonly transport?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: string | undefined;
  readonly http?: string | undefined;
  readonly face?: string | undefined;
  readonly prefix?: string | undefined;
  readonly agent?: string | undefined;
  readonly strict?: boolean | undefined;
  readonly envelope?: string | undefined;
  readonly debug?: boolean | undefined;
}

/** The files that a gateway starts with. */
export interface ServeFiles {
  readonly servers: GatewayFile;
  readonly rules: GatewayFile | undefined;
}

/**
 * Finds both files. Whoever names the servers may do without rules, and is told so; as agent-mcp-gateway is started, without
 * a word on files, both have to be there: a rules file that has got lost must not open what it closed.
 *
 * @throws ConfigError CONFIG_UNREADABLE
 */
export function serveFiles({ servers, rules }: ServeCommand, variables: GatewayVariables): ServeFiles {
  const options = { servers, rules, variables };
  const find = servers === undefined ? findGatewayFile : searchGatewayFile;
  return { servers: findGatewayFile('servers', options), rules: find('rules', options) };
}

/**
 * How agents reach the gateway. What the command line says comes before what the file of `--http` says.
 *
 * @throws GatechartError CONFIG_INVALID; ConfigError CONFIG_UNREADABLE, CONFIG_INVALID for that file
 */
export function serveTransport(
  { transport = 'stdio', host, port, http }: ServeCommand,
  { token }: GatewayVariables,
  { stdin, stdout, env }: { readonly stdin: Readable; readonly stdout: Writable; readonly env: NodeJS.ProcessEnv },
): GatewayTransport {
  if (transport === 'stdio') {
    const flag = Object.entries({ host, port, http }).find(([, value]) => value !== undefined)?.[0];
    if (flag !== undefined) throw invalid(`--${flag} is for --transport http`);
    return { kind: 'stdio', stdin, stdout };
  }
  if (transport !== 'http') throw invalid(`--transport ${transport}: there is no such transport; use stdio or http`);
  return {
    ...(http !== undefined && readHttpFile(http, env)),
    kind: 'http',
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port: portOf(port) }),
    ...(token !== undefined && { token }),
  };
}

/** What of the command line is for the gateway itself. @throws GatechartError CONFIG_INVALID */
export function gatewayOptions(
  command: ServeCommand,
  variables: GatewayVariables,
): Pick<GatewayOptions, 'face' | 'prefix' | 'agent' | 'defaultAgent' | 'strict' | 'envelope' | 'debug'> {
  const { face = 'on-demand', prefix = 'auto', envelope = 'content', agent, strict = false, debug = false } = command;
  if (face === 'transparent') {
    if (envelope !== 'content') throw invalid(`--envelope ${envelope} is for --face on-demand`);
    if (debug) throw invalid('--debug is for --face on-demand, which offers get_gateway_status');
  } else if (prefix !== 'auto') throw invalid(`--prefix ${prefix} is for --face transparent`);
  if (agent === '') throw invalid('--agent: expected the name of an agent, found nothing');
  return {
    face: wordOf('--face', face, ['on-demand', 'transparent']),
    prefix: wordOf('--prefix', prefix, ['auto', 'always', 'never']),
    envelope: wordOf('--envelope', envelope, ['content', 'reference']),
    agent,
    defaultAgent: variables.defaultAgent,
    strict,
    debug: debug || variables.debug,
  };
}

function wordOf<Word extends string>(flag: string, given: string, words: readonly Word[]): Word {
  const word = words.find((known) => known === given);
  if (word !== undefined) return word;
  throw invalid(`${flag} ${given}: there is no such choice; use ${words.join(', ')}`);
}

function portOf(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw invalid(`--port ${text}: expected a number from 0 to 65535`);
}

function invalid(message: string): GatechartError {
  return new GatechartError('CONFIG_INVALID', message);
}
