/** How log and error texts name what is served here. Over stdio the one client is the host that started the server. */
export const names = {
  server: 'plugin server',
  client: 'a plugin client',
  request: 'a plugin request',
};

export const httpNames = {
  ...names,
  clientAuth: {
    setting: 'ssl_cert_reqs',
    values: ['0', '1', '2'],
    variables: { clientAuth: 'PLUGINS_SERVER_SSL_CERT_REQS', caBundle: 'PLUGINS_SERVER_SSL_CA_CERTS' },
  },
} as const;

export const grpcNames = {
  ...names,
  clientAuth: {
    setting: 'client_auth',
    values: ['none', 'optional', 'require'],
    variables: { clientAuth: 'PLUGINS_GRPC_SERVER_SSL_CLIENT_AUTH', caBundle: 'PLUGINS_GRPC_SERVER_SSL_CA_CERTS' },
  },
} as const;
