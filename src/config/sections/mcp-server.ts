import type { z } from 'zod';
import type { EnvironmentReader } from '../environment/environment-reader.js';
import { variable } from '../environment/variable.js';
import type { PathBase } from '../source/path-base.js';
import { filledTexts, integer, mapOf, orElse } from './field-schemas.js';
import { givenFields } from './given-fields.js';
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

/** The fields that HTTP alone has: both ways to read them, from the file and from variables, must give each. */
type HttpFields = { readonly [Field in 'allowedHosts']: ListenConfig[Field] | null };

const defaultPort = 8000;
const certReqs = integer(0, 2);

const schema = mapOf({
  ...addressFields(defaultPort),
  allowed_hosts: filledTexts,
  ...limitFields,
  ...exposureFields,
  tls: mapOf({ ...tlsFileFields, ssl_cert_reqs: orElse(certReqs, 2) }).nullish(),
});

export const mcpServerVariables = {
  ...networkServerVariables('SERVER'),
  allowedHosts: variable.list('SERVER_ALLOWED_HOSTS'),
  certReqs: variable.number('SERVER_SSL_CERT_REQS', certReqs),
};

function read({ allowed_hosts: allowedHosts, tls, ...server }: z.output<typeof schema>, base: PathBase): ListenConfig {
  return {
    ...readNetworkServer(server, tls && { ...tls, certReqs: tls.ssl_cert_reqs }, base),
    ...givenFields<HttpFields>({ allowedHosts }),
  };
}

/** Reads the same settings from variables, for a configuration that has no such section. */
function readVariables(reader: EnvironmentReader): ListenConfig {
  const defaults = { port: defaultPort, certReqs: mcpServerVariables.certReqs.read(reader) };
  return {
    ...readNetworkServerVariables(mcpServerVariables, reader, defaults),
    ...givenFields<HttpFields>({ allowedHosts: mcpServerVariables.allowedHosts.read(reader) }),
  };
}

/** The `server_settings` section: MCP over HTTP. */
export const mcpServer = {
  schema,
  check: checkNetworkServer,
  read,
  readVariables,
};
