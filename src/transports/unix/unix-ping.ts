import type { Socket } from 'node:net';

/** The shortest request there is: a frame without bytes asks for the configurations of all plugins. */
const emptyFrame = Buffer.alloc(4);

/** Settles when something came over a socket of its own, on which no request waits; the socket is destroyed then. */
export function pingSocket(socket: Socket, signal: AbortSignal): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const giveUp = (): void => reject(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    socket.once('data', () => resolve());
    socket.once('error', reject);
    socket.once('close', () => {
      signal.removeEventListener('abort', giveUp);
      reject(new Error('the server closed the connection without a word'));
    });
    if (signal.aborted) giveUp();
    else socket.write(emptyFrame);
  }).finally(() => socket.destroy());
}
