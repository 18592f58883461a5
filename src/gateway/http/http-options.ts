import { checkOptionNames, invalid } from '../../config/code-options.js';
import { GatechartError } from '../../errors.js';
import { checkOptionNumbers, withDefaults } from '../../config/option-values.js';
import type { ServerTlsConfig } from '../../config/sections/server-tls.js';
import type { HttpServerLimits } from '../../serving/http/http-server.js';
import type { Rate } from '../../serving/http/rate-limit.js';
import { maxMessageBytes } from '../../wire/framing/message-size.js';
import { type GatewayOAuthOptions, type OAuthSettings, readOAuthOptions } from './oauth-options.js';

/** How a gateway is reached over HTTP, and by whom. */
export interface GatewayHttpOptions {
  /** A name or an address. Default 127.0.0.1. Beyond this machine a token, OAuth or client certificates are needed. */
  readonly host?: string;
  /** 0 lets the system choose. Default 8000. */
  readonly port?: number;
  /** What every client sends as `Authorization: Bearer …`; at least 16 characters. `GATECHART_TOKEN` of the command. */
  readonly token?: string;
  /** With `certReqs: 2` clients need a certificate as well. */
  readonly tls?: ServerTlsConfig;
  /** Access tokens of an authorization server are taken, beside the token if there is one. */
  readonly oauth?: GatewayOAuthOptions;
  /** Names, without ports, that requests may call the gateway by in `Host` and `Origin`, beside those of this machine. */
  readonly allowedHosts?: readonly string[];
  /** Answers `/health` without TLS as well, for probes that have no certificate. */
  readonly healthPort?: number;
  /** Requests of each client, and failures of each address to prove who it is. Default: no limit. `burst`: twice a second's. */
  readonly rate?: { readonly perSecond: number; readonly burst?: number };
  readonly limits?: Partial<HttpServerLimits>;
}

/** The same, checked, with everything said. */
export interface GatewayHttpSettings {
  readonly host: string;
  readonly port: number;
  readonly token: string | undefined;
  readonly tls: ServerTlsConfig | undefined;
  readonly oauth: OAuthSettings | undefined;
  readonly allowedHosts: readonly string[];
  readonly healthPort: number | undefined;
  readonly rate: Rate | undefined;
  readonly limits: HttpServerLimits;
}

const defaultLimits: HttpServerLimits = {
  maxSessions: 1024,
  sessionIdleMs: 30 * 60_000,
  keepAliveMs: 15_000,
  maxMessageBytes,
  requestTimeoutMs: 60_000,
  maxCalls: 4096,
  maxSessionCalls: 1024,
  maxHeldBytes: 256 * 1024 * 1024,
};

const where = 'options.http';
const names = ['host', 'port', 'token', 'tls', 'oauth', 'allowedHosts', 'healthPort', 'rate', 'limits'];
const shortestToken = 16;
const largestPort = 65_535;

/** @throws GatechartError CONFIG_INVALID naming the option, what was found and what was expected; a token is never quoted */
export function readHttpOptions(options: GatewayHttpOptions): GatewayHttpSettings {
  checkOptionNames(options, names, where);
  const { host = '127.0.0.1', port = 8000, token, tls, oauth, allowedHosts = [], healthPort, rate, limits } = options;
  if (typeof host !== 'string' || host.trim() === '') throw invalid(`${where}.host: expected a name or an address`);
  checkPort('port', port);
  if (healthPort !== undefined) checkPort('healthPort', healthPort);
  if (token !== undefined) checkToken(token);
  if (tls?.caBundle !== undefined && tls.certReqs === 0) {
    const problem =
      'has no effect with certReqs 0, which asks no client for a certificate; set 1 or 2, or leave it out';
    const details = { path: ['tls', 'caBundle'], problem };
    throw new GatechartError('CONFIG_INVALID', `${where}.tls.caBundle: ${problem}.`, { details });
  }
  if (!Array.isArray(allowedHosts) || !allowedHosts.every((name) => typeof name === 'string' && name.trim() !== '')) {
    throw invalid(`${where}.allowedHosts: expected a list of names, none of them empty`);
  }
  checkOptionNames(limits ?? {}, Object.keys(defaultLimits), `${where}.limits`);
  checkOptionNumbers(limits ?? {}, `${where}.limits`);
  return {
    host,
    port,
    token,
    tls,
    oauth: oauth === undefined ? undefined : readOAuthOptions(oauth),
    allowedHosts,
    healthPort,
    rate: rate === undefined ? undefined : readRate(rate),
    limits: withDefaults(defaultLimits, limits),
  };
}

function checkPort(name: string, port: unknown): void {
  if (Number.isInteger(port) && Number(port) >= 0 && Number(port) <= largestPort) return;
  throw invalid(`${where}.${name}: expected a port, 0 to ${largestPort}`);
}

/** What RFC 6750 lets stand behind `Bearer`: others could not be sent, or only by some clients. */
const sendable = /^[\w.~+/-]+=*$/;

function checkToken(token: unknown): void {
  if (typeof token !== 'string' || token.length < shortestToken) {
    const found = typeof token === 'string' ? `one of ${token.length}` : `a ${typeof token}`;
    throw invalid(
      `${where}.token (GATECHART_TOKEN): expected at least ${shortestToken} characters, found ${found}; \`openssl rand -hex 32\` makes one`,
    );
  }
  if (sendable.test(token)) return;
  throw invalid(
    `${where}.token (GATECHART_TOKEN): expected letters, digits and -._~+/ alone, with = at the end at most; blanks and line breaks cannot be sent`,
  );
}

function readRate(rate: { readonly perSecond: number; readonly burst?: number }): Rate {
  checkOptionNames(rate, ['perSecond', 'burst'], `${where}.rate`);
  const { perSecond } = rate;
  if (typeof perSecond !== 'number' || !(perSecond > 0) || !Number.isFinite(perSecond)) {
    throw invalid(`${where}.rate.perSecond: expected a number of requests, more than 0`);
  }
  const { burst = Math.max(1, Math.ceil(2 * perSecond)) } = rate;
  if (!Number.isSafeInteger(burst) || burst < 1) throw invalid(`${where}.rate.burst: expected an integer, 1 or more`);
  return { perSecond, burst };
}
