import {
  flag,
  filledTexts,
  integer,
  oneOf,
  optionalText,
  positiveSeconds,
  seconds,
  section,
  text,
} from './field-schemas.js';
import { z } from 'zod';

const tlsFiles = {
  certfile: optionalText,
  keyfile: optionalText,
  ca_bundle: optionalText,
  keyfile_password: optionalText,
};

const clientTlsSchema = section({ ...tlsFiles, verify: flag.default(true), check_hostname: flag.default(true) });

/** gRPC's has no `check_hostname` in the reference; it is accepted here, for one meaning everywhere. */
export const mcpSchema = section({
  // SSE is read so that a rule can say what to use instead.
  proto: z.enum(['STDIO', 'STREAMABLEHTTP', 'SSE'], { error: 'one of STDIO, STREAMABLEHTTP' }),
  url: optionalText,
  script: optionalText,
  cmd: filledTexts,
  env: z.record(z.string(), text, { error: 'a map of strings' }).nullish(),
  cwd: optionalText,
  uds: optionalText,
  tls: clientTlsSchema.nullish(),
  reconnect_attempts: integer(0).default(3),
  reconnect_delay: seconds.default(0.1),
  replay: oneOf('once', 'never').default('once'),
});

export const grpcSchema = section({
  target: optionalText,
  uds: optionalText,
  tls: clientTlsSchema.nullish(),
  replay: oneOf('once', 'never').default('once'),
});

export const unixSocketSchema = section({
  path: text,
  connections: integer(1, 64).default(1),
  reconnect_attempts: integer(0).default(3),
  reconnect_delay: seconds.default(0.1),
  timeout: positiveSeconds.default(30),
  replay: oneOf('once', 'never').default('once'),
});

const port = integer(0, 65_535);

export const serverSchema = section({
  host: text.default('127.0.0.1'),
  port: port.default(8000),
  uds: optionalText,
  tls: section({ ...tlsFiles, ssl_cert_reqs: integer(0, 2).default(2) }).nullish(),
});

/** In the order of `ssl_cert_reqs`. */
export const clientAuths = ['none', 'optional', 'require'] as const;

export const grpcServerSchema = section({
  host: text.default('127.0.0.1'),
  port: port.default(50_051),
  uds: optionalText,
  tls: section({ ...tlsFiles, client_auth: oneOf(...clientAuths).default('require') }).nullish(),
});

export const unixSocketServerSchema = section({ path: text.default('/tmp/mcpgateway-plugins.sock') });
