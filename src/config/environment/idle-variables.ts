import type { ConfigIssue } from '../config-issue.js';
import { EnvironmentReader } from './environment-reader.js';

/** What one prefix sets beside another variable, without which, or with which, it changes nothing. */
interface Idle {
  readonly names: readonly string[];
  readonly why: string;
}

const clients = ['CLIENT_MTLS', 'GRPC_CLIENT_MTLS'];
const servers = ['SERVER', 'GRPC_SERVER'];

/** Warns of variables that are set and change nothing: a server that was to use TLS listens without it, say. */
export function idleVariables(env: NodeJS.ProcessEnv): ConfigIssue[] {
  const reader = new EnvironmentReader(env);
  const idle = [
    ...clients.flatMap((prefix) => idleForClients(prefix, reader)),
    ...servers.flatMap((prefix) => idleForServers(prefix, reader)),
  ];
  return idle.flatMap(({ names, why }) =>
    names
      .filter((name) => reader.text(name) !== undefined)
      .map((name): ConfigIssue => ({ path: `PLUGINS_${name}`, message: `has no effect; ${why}`, severity: 'warning' })),
  );
}

function idleForClients(prefix: string, reader: EnvironmentReader): Idle[] {
  const isSet = (name: string): boolean => reader.text(`${prefix}_${name}`) !== undefined;
  const found: Idle[] = [];
  if (!isSet('CERTFILE') && !isSet('KEYFILE')) {
    const why = `there is no key, since PLUGINS_${prefix}_CERTFILE is not set`;
    found.push({ names: [`${prefix}_KEYFILE_PASSWORD`], why });
  }
  if (reader.flag(`${prefix}_VERIFY`) === false) {
    const checks = reader.flag(`${prefix}_CHECK_HOSTNAME`) === true ? [`${prefix}_CHECK_HOSTNAME`] : [];
    const why = `with PLUGINS_${prefix}_VERIFY=false any certificate is taken`;
    found.push({ names: [`${prefix}_CA_BUNDLE`, ...checks], why });
  }
  return found;
}

function idleForServers(prefix: string, reader: EnvironmentReader): Idle[] {
  const found: Idle[] = [];
  const asking = prefix === 'SERVER' ? 'SERVER_SSL_CERT_REQS' : 'GRPC_SERVER_SSL_CLIENT_AUTH';
  const asked = reader.text(asking)?.trim().toLowerCase();
  if (reader.flag(`${prefix}_SSL_ENABLED`) !== true) {
    const files = ['CERTFILE', 'KEYFILE', 'CA_CERTS', 'KEYFILE_PASSWORD'].map((name) => `${prefix}_SSL_${name}`);
    found.push({ names: [...files, asking], why: `the server uses TLS only with PLUGINS_${prefix}_SSL_ENABLED=true` });
  } else if (asked === '0' || asked === 'none') {
    found.push({
      names: [`${prefix}_SSL_CA_CERTS`],
      why: `with PLUGINS_${asking}=${asked} no client is asked for a certificate`,
    });
  }
  if (reader.text(`${prefix}_UDS`) !== undefined) {
    const names = ['HOST', 'PORT', 'ALLOWED_HOSTS'].map((name) => `${prefix}_${name}`);
    found.push({ names, why: `the server listens on the Unix socket of PLUGINS_${prefix}_UDS, and on no port` });
  }
  return found;
}
