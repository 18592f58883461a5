import { ChannelCredentials } from '@grpc/grpc-js';
import { createSecureContext } from 'node:tls';
import type { ClientTlsConfig } from '../../config/sections/client-tls.js';
import { loadTls } from '../tls-options.js';

/**
 * What a channel is opened with, `verify` and `check_hostname` meaning what they say.
 *
 * @throws GatechartError TLS_INVALID
 */
export async function channelCredentials(name: string, tls: ClientTlsConfig | undefined): Promise<ChannelCredentials> {
  if (tls === undefined) return ChannelCredentials.createInsecure();
  const { secureContext, rejectUnauthorized, checkServerIdentity } = await loadTls(name, tls);
  return ChannelCredentials.createFromSecureContext(secureContext ?? createSecureContext(), {
    rejectUnauthorized,
    ...(checkServerIdentity && { checkServerIdentity }),
  });
}
