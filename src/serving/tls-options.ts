import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContextOptions, type TLSSocket } from 'node:tls';
import type { ServerOptions } from 'node:https';
import type { ServerTlsConfig } from '../config/sections/server-tls.js';
import { whyUnreadable } from '../config/source/config-file.js';
import { GatechartError, messageOf } from '../errors.js';

/** How error texts name a server, and what sets its TLS. */
export interface TlsNames {
  /** `plugin server` */
  readonly server: string;
  /** The setting that asks clients for certificates. Default: `cert_reqs`, which is a number. */
  readonly clientAuth?: ClientAuthNames;
}

export interface ClientAuthNames {
  readonly setting: string;
  /** What it is for no certificate, an optional one, and a required one. */
  readonly values: readonly [string, string, string];
  /** The environment variables that set this, and `ca_bundle`. */
  readonly variables?: { readonly clientAuth: string; readonly caBundle: string };
}

const certReqs: ClientAuthNames = { setting: 'cert_reqs', values: ['0', '1', '2'] };

/**
 * Options of an HTTPS server that asks for client certificates as it is told.
 *
 * @throws GatechartError TLS_INVALID if a file cannot be read, does not hold what it should, or the CA is missing
 */
export async function serverTlsOptions(
  tls: ServerTlsConfig,
  { server, clientAuth = certReqs }: TlsNames,
): Promise<ServerOptions> {
  if (tls.certReqs !== 0 && tls.caBundle === undefined) {
    const { setting, values, variables } = clientAuth;
    throw new GatechartError(
      'TLS_INVALID',
      `TLS of the ${server}: client certificates are asked for (${setting} ${values[tls.certReqs]}) but no CA bundle says which are valid; ` +
        `set ca_bundle${inBrackets(variables?.caBundle)}, or ${setting}${inBrackets(variables?.clientAuth)} to ${values[0]}`,
    );
  }
  const read = (setting: string, path: string, holds: PemHolds): Promise<string> =>
    readPem(server, { setting, path, holds });
  const secrets: SecureContextOptions = {
    cert: await read('certfile', tls.certfile, 'certificate'),
    key: await read('keyfile', tls.keyfile, 'private key'),
    ...(tls.caBundle !== undefined && { ca: await read('ca_bundle', tls.caBundle, 'certificate') }),
    ...(tls.keyfilePassword !== undefined && { passphrase: tls.keyfilePassword }),
    minVersion: 'TLSv1.2',
  };
  try {
    createSecureContext(secrets);
  } catch (error) {
    throw new GatechartError(
      'TLS_INVALID',
      `TLS of the ${server}: certfile ${tls.certfile} and keyfile ${tls.keyfile} cannot be used together: ${messageOf(error)}` +
        (tls.keyfilePassword === undefined
          ? '; if the key is encrypted, set keyfile_password'
          : '; check keyfile_password'),
      { cause: error },
    );
  }
  return { ...secrets, requestCert: tls.certReqs !== 0, rejectUnauthorized: tls.certReqs === 2 };
}

function inBrackets(variable: string | undefined): string {
  return variable === undefined ? '' : ` (${variable})`;
}

type PemHolds = 'certificate' | 'private key';

interface PemSetting {
  readonly setting: string;
  readonly path: string;
  readonly holds: PemHolds;
}

async function readPem(server: string, { setting, path, holds }: PemSetting): Promise<string> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const message = `TLS of the ${server}: ${setting} ${path} cannot be read: ${whyUnreadable(error)}`;
    throw new GatechartError('TLS_INVALID', message, { cause: error });
  }
  if (new RegExp(`-----BEGIN [A-Z0-9 ]*${holds.toUpperCase()}-----`).test(text)) return text;
  const message = `TLS of the ${server}: ${setting} ${path} holds no ${holds}; expected PEM, with a line '-----BEGIN ${holds.toUpperCase()}-----'`;
  throw new GatechartError('TLS_INVALID', message);
}

/** With optional client certificates Node lets invalid ones in; only none or a valid one may pass. */
export function refuseInvalidCertificate(socket: TLSSocket): void {
  if (!socket.authorized && Object.keys(socket.getPeerCertificate()).length > 0) socket.destroy();
}
