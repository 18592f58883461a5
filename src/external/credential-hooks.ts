import type { EnvironmentSettings } from '../config/environment/environment.js';
import type { ClientTlsConfig } from '../config/sections/client-tls.js';
import type { PluginConfig } from '../config/sections/plugin-entry.js';
import { transportOf } from '../config/sections/transports.js';
import type { HookDefinition } from '../hooks/hook.js';

/** The capability that an entry needs before its server is sent tokens in clear. */
const capability = 'read_inbound_credentials';

/** What decides beside the entry how its server is reached. */
export type ConnectionEnvironment = Pick<EnvironmentSettings, 'http' | 'grpcClientTls'>;

/**
 * Why a plugin elsewhere must not be on these hooks: some of them hand it tokens in clear, and it was not given the right
 * to them, or others could read them on the way. Undefined if nothing is wrong.
 *
 * @param entry as it is written here: a server does not give itself the right
 */
export function credentialRefusal(
  entry: PluginConfig,
  hooks: readonly string[],
  hookOf: (name: string) => HookDefinition | undefined,
  environment: ConnectionEnvironment,
): string | undefined {
  const carrying = hooks.filter((hook) => hookOf(hook)?.carriesCredentials === true);
  if (carrying.length === 0) return undefined;
  const missing = [
    ...(entry.capabilities.includes(capability)
      ? []
      : [`its entry does not list \`${capability}\` among its \`capabilities\``]),
    ...openLink(entry, environment),
  ];
  if (missing.length === 0) return undefined;
  const verb = carrying.length === 1 ? 'hands' : 'hand';
  return `${carrying.join(' and ')} ${verb} tokens in clear to the server of this plugin, and ${missing.join('; and ')}`;
}

const advice = 'use TLS with verification, a Unix socket or STDIO';

/** What lets others read or take what goes over the link. */
function openLink(entry: PluginConfig, { http, grpcClientTls }: ConnectionEnvironment): string[] {
  const transport = transportOf(entry);
  switch (transport?.kind) {
    case 'mcp': {
      const { proto, url = '', uds, tls = http.clientTls } = transport.server;
      if (proto === 'STDIO' || uds !== undefined) return [];
      if (!/^https:/i.test(url)) return [`\`mcp.url\` is not https; ${advice}`];
      const verifies = tls === undefined ? !http.skipTlsVerify : verifiesServer(tls);
      return verifies ? [] : [`the TLS of \`mcp\` does not verify its server; ${advice}`];
    }
    case 'grpc': {
      const { uds, tls = grpcClientTls } = transport.server;
      if (uds !== undefined) return [];
      if (tls === undefined) return [`\`grpc\` has no \`tls\`; ${advice}`];
      return verifiesServer(tls) ? [] : [`the TLS of \`grpc\` does not verify its server; ${advice}`];
    }
    case 'unixSocket':
    case undefined:
      return [];
  }
}

/** A certificate of somebody else, from an authority that is trusted, is not the server's. */
function verifiesServer({ verify, checkHostname }: ClientTlsConfig): boolean {
  return verify && checkHostname;
}
