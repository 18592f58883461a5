import { resolve } from 'node:path';
import type { z } from 'zod';
import type { EnvironmentReader } from '../environment/environment-reader.js';
import { variable } from '../environment/variable.js';
import { expandHome, type PathBase } from '../source/path-base.js';
import { warningAt } from '../problem.js';
import { isGiven, type Written } from '../written.js';
import { flag, integer, optionalText, orAbsent, orElse, text } from './field-schemas.js';
import { givenFields } from './given-fields.js';
import { type RuleContext, under } from './rule-context.js';
import {
  checkServerTls,
  readServerTls,
  readServerTlsVariables,
  type ServerTlsConfig,
  serverTlsVariables,
} from './server-tls.js';
import { checkUds } from './socket-path.js';
import type { tlsFileFields } from './tls-files.js';

/** How many calls `gatechart plugin-server` runs at once. */
export interface ServerLimits {
  /** Of all clients. */
  readonly maxCalls?: number;
  /** Of one session or connection. */
  readonly maxSessionCalls?: number;
}

/** Where a server listens over HTTP or gRPC. */
export interface ListenConfig {
  readonly host: string;
  readonly port: number;
  readonly uds?: string;
  readonly tls?: ServerTlsConfig;
  /** Names that requests may call the server by, in `Host` and `Origin`; without ports. For HTTP. */
  readonly allowedHosts?: readonly string[];
  readonly limits?: ServerLimits;
  /** False: clients are not told the `config` of plugins. */
  readonly exposeConfig?: boolean;
}

// Files and variables may say the same.
const portNumber = integer(0, 65_535);
const callCount = integer(1);
const localhost = '127.0.0.1';

/** Where a server listens. */
export function addressFields(port: number) {
  return { host: orElse(text, localhost), port: orElse(portNumber, port), uds: optionalText };
}

/** How much a server takes on at once. */
export const limitFields = {
  max_calls: orAbsent(callCount),
  max_session_calls: orAbsent(callCount),
};

/** What a server tells of its plugins. */
export const exposureFields = { expose_config: orAbsent(flag) };

type NetworkServerFields = ReturnType<typeof addressFields> & typeof limitFields & typeof exposureFields;

export function checkNetworkServer(server: Written, context: RuleContext): void {
  if (isGiven(server['uds'])) {
    checkUds(server, context);
    for (const key of ['host', 'port', 'allowed_hosts']) {
      const message = 'has no effect; the server listens on the Unix socket of `uds`, and on no port';
      if (isGiven(server[key])) context.report(warningAt([...context.path, key], message));
    }
  }
  checkServerTls(server['tls'], under(context, 'tls'));
}

/** @param tls its `tls` section; `certReqs` is whether clients must show a certificate: 0, 1 or 2 */
export function readNetworkServer(
  server: z.output<z.ZodObject<NetworkServerFields>>,
  tls: (z.output<z.ZodObject<typeof tlsFileFields>> & { readonly certReqs: number }) | null | undefined,
  base: PathBase,
): ListenConfig {
  return {
    ...givenFields({
      uds: server.uds && resolve(expandHome(server.uds)),
      limits: readLimits(server),
      exposeConfig: server.expose_config,
      tls: tls && readServerTls(tls, tls.certReqs, base),
    }),
    host: server.host,
    port: server.port,
  };
}

/** Undefined if nothing is set, so that the defaults hold. */
export function readLimits(server: Partial<z.output<z.ZodObject<typeof limitFields>>>): ServerLimits | undefined {
  return limitsOf(server.max_calls, server.max_session_calls);
}

function limitsOf(maxCalls: number | undefined, maxSessionCalls: number | undefined): ServerLimits | undefined {
  const limits = givenFields({ maxCalls, maxSessionCalls });
  return Object.keys(limits).length === 0 ? undefined : limits;
}

/** The variables that set the same where the file has no section for the server. */
export function networkServerVariables(prefix: string) {
  return {
    host: variable.text(`${prefix}_HOST`),
    port: variable.number(`${prefix}_PORT`, portNumber),
    uds: variable.text(`${prefix}_UDS`),
    maxCalls: variable.number(`${prefix}_MAX_CALLS`, callCount),
    maxSessionCalls: variable.number(`${prefix}_MAX_SESSION_CALLS`, callCount),
    exposeConfig: variable.flag(`${prefix}_EXPOSE_CONFIG`),
    ...serverTlsVariables(prefix),
  };
}

/** @param defaults what holds where the environment does not say either */
export function readNetworkServerVariables(
  variables: ReturnType<typeof networkServerVariables>,
  reader: EnvironmentReader,
  defaults: { readonly port: number; readonly certReqs: number | undefined },
): ListenConfig {
  const uds = variables.uds.read(reader);
  const tls = readServerTlsVariables(variables, reader, defaults.certReqs);
  const limits = limitsOf(variables.maxCalls.read(reader), variables.maxSessionCalls.read(reader));
  if (uds !== undefined && !uds.startsWith('/')) {
    reader.refuse(variables.uds.name, (found) => `expected an absolute path, found ${found}`);
  }
  if (uds !== undefined && tls !== undefined) {
    const message = `a Unix socket takes no TLS; unset this or PLUGINS_${variables.uds.name}`;
    reader.refuse(variables.tlsEnabled.name, message);
  }
  return {
    host: variables.host.read(reader) ?? localhost,
    port: variables.port.read(reader) ?? defaults.port,
    ...givenFields({ uds, tls, limits, exposeConfig: variables.exposeConfig.read(reader) }),
  };
}
