import type { z } from 'zod';
import type { EnvironmentReader } from '../environment/environment-reader.js';
import { variable } from '../environment/variable.js';
import { errorAt, warningAt } from '../problem.js';
import type { PathBase } from '../source/path-base.js';
import { asRecord, isGiven } from '../written.js';
import { givenFields } from './given-fields.js';
import type { RuleContext } from './rule-context.js';
import { checkTlsFiles, readTlsFiles, type tlsFileFields } from './tls-files.js';

/** The `tls` section of `server_settings`. */
export interface ServerTlsConfig {
  readonly certfile: string;
  readonly keyfile: string;
  readonly caBundle?: string;
  readonly keyfilePassword?: string;
  /** 0 asks for no client certificate, 1 accepts none or a valid one, 2 requires one. */
  readonly certReqs: 0 | 1 | 2;
}

export function checkServerTls(value: unknown, context: RuleContext): void {
  if (!isGiven(value)) return;
  const tls = asRecord(value);
  for (const key of ['certfile', 'keyfile']) {
    if (!isGiven(tls[key])) {
      context.report(
        errorAt(context.path, `a server's \`tls\` needs \`certfile\` and \`keyfile\`; \`${key}\` is missing`),
      );
    }
  }
  checkTlsFiles(tls, context);
  // Each kind of server has its own word for it.
  const asking = ['ssl_cert_reqs', 'client_auth'].find((key) => isGiven(tls[key]));
  const asked = asking === undefined ? '' : String(tls[asking]);
  if (isGiven(tls['ca_bundle']) && ['0', 'none'].includes(asked)) {
    const message = `has no effect; with \`${asking}: ${asked}\` no client is asked for a certificate`;
    context.report(warningAt([...context.path, 'ca_bundle'], message));
  }
}

/** @param certReqs 0, 1 or 2: schemas let through nothing else */
export function readServerTls(
  tls: z.output<z.ZodObject<typeof tlsFileFields>>,
  certReqs: number,
  base: PathBase,
): ServerTlsConfig | undefined {
  const { certfile, keyfile, ...more } = readTlsFiles(tls, base);
  if (certfile === undefined || keyfile === undefined) return undefined;
  return { certfile, keyfile, ...more, certReqs: certReqsOf(certReqs) };
}

/** The variables that set the same where the file has no section for the server. */
export function serverTlsVariables(prefix: string) {
  return {
    tlsEnabled: variable.flag(`${prefix}_SSL_ENABLED`),
    certfile: variable.file(`${prefix}_SSL_CERTFILE`),
    keyfile: variable.file(`${prefix}_SSL_KEYFILE`),
    caBundle: variable.file(`${prefix}_SSL_CA_CERTS`),
    keyfilePassword: variable.text(`${prefix}_SSL_KEYFILE_PASSWORD`),
  };
}

/** @param certReqs undefined where it is not set */
export function readServerTlsVariables(
  variables: ReturnType<typeof serverTlsVariables>,
  reader: EnvironmentReader,
  certReqs: number | undefined,
): ServerTlsConfig | undefined {
  if (variables.tlsEnabled.read(reader) !== true) return undefined;
  const certfile = variables.certfile.read(reader);
  const keyfile = variables.keyfile.read(reader);
  const caBundle = variables.caBundle.read(reader);
  const keyfilePassword = variables.keyfilePassword.read(reader);
  if (certfile === undefined || keyfile === undefined) {
    const missing = certfile === undefined ? variables.certfile : variables.keyfile;
    reader.refuse(missing.name, `is missing; PLUGINS_${variables.tlsEnabled.name} needs a certificate and a key`);
    return undefined;
  }
  return { certfile, keyfile, ...givenFields({ caBundle, keyfilePassword }), certReqs: certReqsOf(certReqs ?? 2) };
}

function certReqsOf(value: number): 0 | 1 | 2 {
  return value === 0 || value === 1 ? value : 2;
}
