import type { ChannelCredentials } from '@grpc/grpc-js';
import type { Socket } from 'node:net';

/**
 * Holds the connections of a client. The client library waits without a limit for a server to speak first, and a client
 * that is closed meanwhile forgets them: a server that was stopped would hold one more with each attempt.
 *
 * @param credentials of this client alone
 * @returns what ends its connections, and those that are on their way
 */
export function holdSockets(credentials: ChannelCredentials): () => void {
  const sockets = new Set<Socket>();
  let isEnded = false;
  const create = credentials._createSecureConnector.bind(credentials);
  credentials._createSecureConnector = (...request) => {
    const connector = create(...request);
    return {
      connect: (socket) => {
        if (isEnded) return Promise.reject(new Error('the client was closed'));
        sockets.add(socket);
        socket.once('close', () => sockets.delete(socket));
        return connector.connect(socket);
      },
      waitForReady: () => connector.waitForReady(),
      getCallCredentials: () => connector.getCallCredentials(),
      destroy: () => connector.destroy(),
    };
  };
  return () => {
    isEnded = true;
    for (const socket of sockets) socket.destroy();
  };
}
