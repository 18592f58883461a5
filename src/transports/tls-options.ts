import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import type { ClientTlsConfig } from '../config/sections/client-tls.js';
import { whyUnreadable } from '../config/source/config-file.js';
import { GatechartError, messageOf } from '../errors.js';

/** What a TLS socket of ours is opened with. */
export interface TlsOptions {
  readonly rejectUnauthorized: boolean;
  readonly secureContext?: SecureContext;
  readonly checkServerIdentity?: () => undefined;
}

function invalid(name: string, message: string, cause?: unknown): GatechartError {
  return new GatechartError('TLS_INVALID', `${name}: ${message}`, cause === undefined ? {} : { cause });
}

/**
 * Reads and checks the files of a `tls` section. They are read each time a link opens, so that renewed certificates
 * are taken up by the next one. A `ca_bundle` replaces the system's authorities.
 *
 * @throws GatechartError TLS_INVALID naming the file: unreadable, not PEM, expired, wrong password, turned down by
 * OpenSSL, or key and certificate do not belong together.
 */
export async function loadTls(name: string, config: ClientTlsConfig): Promise<TlsOptions> {
  const { certfile, keyfile, caBundle, keyfilePassword } = config;
  const ca = caBundle === undefined ? undefined : await readPem(name, 'ca_bundle', caBundle);
  if (ca !== undefined && caBundle !== undefined) checkAuthorities(name, caBundle, ca);
  if (certfile === undefined && keyfile !== undefined)
    throw invalid(name, `tls.keyfile ${keyfile} needs tls.certfile; give both`);
  const cert = certfile === undefined ? undefined : await readPem(name, 'certfile', certfile);
  // A certificate file may hold its key too.
  const keyPath = keyfile ?? certfile;
  const key = keyfile === undefined ? cert : await readPem(name, 'keyfile', keyfile);
  if (cert !== undefined && key !== undefined && certfile !== undefined && keyPath !== undefined) {
    const leaf = parseCertificate(name, 'certfile', certfile, cert);
    const privateKey = parseKey(name, keyPath, key, keyfilePassword);
    if (!leaf.checkPrivateKey(privateKey)) {
      throw invalid(name, `the key in ${keyPath} does not belong to the certificate in ${certfile}`);
    }
    checkDates(name, certfile, leaf);
  }
  const files = [certfile, keyfile, caBundle].filter((path) => path !== undefined);
  return {
    rejectUnauthorized: config.verify,
    secureContext: secureContextOf(name, files, {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined
        ? {}
        : { cert, key, ...(keyfilePassword === undefined ? {} : { passphrase: keyfilePassword }) }),
    }),
    ...(config.checkHostname ? {} : { checkServerIdentity: () => undefined }),
  };
}

/** Readable files are not all usable: OpenSSL turns down keys that are too short and signatures that are too weak. */
function secureContextOf(name: string, files: readonly string[], options: SecureContextOptions): SecureContext {
  try {
    return createSecureContext(options);
  } catch (error) {
    throw invalid(name, `OpenSSL does not accept what is in ${files.join(', ')}: ${messageOf(error)}`, error);
  }
}

async function readPem(name: string, setting: string, path: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw invalid(name, `cannot read tls.${setting} ${path}: ${whyUnreadable(error)}`, error);
  }
  if (!text.includes('-----BEGIN '))
    throw invalid(name, `tls.${setting} ${path} is not a PEM file; expected '-----BEGIN …'`);
  return text;
}

function parseCertificate(name: string, setting: string, path: string, pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw invalid(name, `tls.${setting} ${path} holds no readable certificate: ${messageOf(error)}`, error);
  }
}

function checkAuthorities(name: string, path: string, pem: string): void {
  const blocks = pem.match(
    /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g,
  );
  if (blocks === null) throw invalid(name, `tls.ca_bundle ${path} holds no certificate`);
  for (const block of blocks) parseCertificate(name, 'ca_bundle', path, block);
}

function checkDates(name: string, path: string, certificate: X509Certificate): void {
  const now = Date.now();
  if (Date.parse(certificate.validTo) < now)
    throw invalid(name, `the certificate in ${path} expired on ${certificate.validTo}`);
  if (Date.parse(certificate.validFrom) > now) {
    throw invalid(name, `the certificate in ${path} is not valid before ${certificate.validFrom}`);
  }
}

function parseKey(name: string, path: string, pem: string, password: string | undefined): KeyObject {
  try {
    return createPrivateKey({ key: pem, ...(password === undefined ? {} : { passphrase: password }) });
  } catch (error) {
    const encrypted = /ENCRYPTED/.test(pem);
    const why = encrypted
      ? password === undefined
        ? 'it is encrypted; give tls.keyfile_password'
        : 'tls.keyfile_password does not open it'
      : messageOf(error);
    throw invalid(name, `cannot use the private key in ${path}: ${why}`, error);
  }
}
