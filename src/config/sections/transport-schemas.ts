import {
  count,
  flag,
  filledTexts,
  integer,
  oneOf,
  optionalText,
  orElse,
  positiveSeconds,
  seconds,
  section,
  text,
} from './field-schemas.js';
import { isGiven } from '../written.js';
import { z } from 'zod';

/** Attempts in a row; a million of them, each after a longer wait, is for ever. */
const mostAttempts = 1_000_000;

const tlsFiles = {
  certfile: optionalText,
  keyfile: optionalText,
  ca_bundle: optionalText,
  keyfile_password: optionalText,
};

const clientTlsSchema = section({ ...tlsFiles, verify: orElse(flag, true), check_hostname: orElse(flag, true) });

/** Left out, it is what the host's code says. */
const reconnectWindow = z.preprocess((value) => (isGiven(value) ? value : undefined), seconds.optional()).optional();

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
  reconnect_attempts: orElse(count(0, mostAttempts), 3),
  reconnect_delay: orElse(seconds, 0.1),
  reconnect_window: reconnectWindow,
  replay: orElse(oneOf('once', 'never'), 'once'),
});

/** The packages that hold the plugin service, one per generation of the framework; the first one is the default. */
export const grpcPackages = ['mcpgateway.plugins', 'cpex'] as const;

export const grpcSchema = section({
  target: optionalText,
  uds: optionalText,
  tls: clientTlsSchema.nullish(),
  reconnect_window: reconnectWindow,
  replay: orElse(oneOf('once', 'never'), 'once'),
  package: orElse(oneOf(...grpcPackages), grpcPackages[0]),
});

export const unixSocketSchema = section({
  path: text,
  connections: orElse(integer(1, 64), 8),
  reconnect_attempts: orElse(count(0, mostAttempts), 3),
  reconnect_delay: orElse(seconds, 0.1),
  reconnect_window: reconnectWindow,
  timeout: orElse(positiveSeconds, 30),
  replay: orElse(oneOf('once', 'never'), 'once'),
});

const port = integer(0, 65_535);

/** How much a server takes on at once. */
const limits = {
  max_calls: orElse(integer(1).optional(), undefined),
  max_session_calls: orElse(integer(1).optional(), undefined),
};

export const serverSchema = section({
  host: orElse(text, '127.0.0.1'),
  port: orElse(port, 8000),
  uds: optionalText,
  allowed_hosts: filledTexts,
  ...limits,
  tls: section({ ...tlsFiles, ssl_cert_reqs: orElse(integer(0, 2), 2) }).nullish(),
});

/** In the order of `ssl_cert_reqs`. */
export const clientAuths = ['none', 'optional', 'require'] as const;

export const grpcServerSchema = section({
  host: orElse(text, '127.0.0.1'),
  port: orElse(port, 50_051),
  uds: optionalText,
  ...limits,
  tls: section({ ...tlsFiles, client_auth: orElse(oneOf(...clientAuths), 'require') }).nullish(),
});

export const unixSocketServerSchema = section({
  path: orElse(text, '/tmp/mcpgateway-plugins.sock'),
  max_calls: limits.max_calls,
});
