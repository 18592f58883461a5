import type { z } from 'zod';
import type { EnvironmentReader } from '../environment/environment-reader.js';
import { variable } from '../environment/variable.js';
import type { PathBase } from '../source/path-base.js';
import { mapOf, oneOf, orElse } from './field-schemas.js';
import {
  addressFields,
  checkNetworkServer,
  exposureFields,
  type ListenConfig,
  limitFields,
  networkServerVariables,
  readNetworkServer,
  readNetworkServerVariables,
} from './network-server.js';
import { tlsFileFields } from './tls-files.js';

const defaultPort = 50_051;

/** In the order of `ssl_cert_reqs`. */
const clientAuths = ['none', 'optional', 'require'] as const;

const schema = mapOf({
  ...addressFields(defaultPort),
  ...limitFields,
  ...exposureFields,
  tls: mapOf({ ...tlsFileFields, client_auth: orElse(oneOf(...clientAuths), 'require') }).nullish(),
});

export const grpcServerVariables = {
  ...networkServerVariables('GRPC_SERVER'),
  clientAuth: variable.word('GRPC_SERVER_SSL_CLIENT_AUTH', clientAuths),
};

function read({ tls, ...server }: z.output<typeof schema>, base: PathBase): ListenConfig {
  return readNetworkServer(server, tls && { ...tls, certReqs: clientAuths.indexOf(tls.client_auth) }, base);
}

/** Reads the same settings from variables, for a configuration that has no such section. */
function readVariables(reader: EnvironmentReader): ListenConfig {
  const clientAuth = grpcServerVariables.clientAuth.read(reader);
  const certReqs = clientAuth && clientAuths.indexOf(clientAuth);
  return readNetworkServerVariables(grpcServerVariables, reader, { port: defaultPort, certReqs });
}

/** The `grpc_server_settings` section. */
export const grpcServer = { schema, check: checkNetworkServer, read, readVariables };
