import { setLogger } from '@grpc/grpc-js';
import type { Logger } from '../../observability/logger.js';
import { withoutScheme } from './held-resolver.js';

/** Who hears what the client library says of an address. */
interface Listener {
  readonly address: string;
  readonly name: string;
  readonly logger: Logger;
}

type LibraryLogger = Parameters<typeof setLogger>[0];

const listeners = new Set<Listener>();
let previous: LibraryLogger | undefined;

/**
 * Takes what the client library logs about `address` to `logger`, until the function it gives back is called. The library
 * has one logger for the whole process, which may be the host's: it goes on hearing all that is not about our addresses,
 * and gets its place back when nobody listens here any more.
 */
export async function listenToLibrary(address: string, name: string, logger: Logger): Promise<() => void> {
  const getLogger = await loggerGetter();
  if (getLogger === undefined) return () => undefined;
  const current = getLogger();
  if (current !== router) {
    previous = current;
    setLogger(router);
  }
  const listener = { address, name, logger };
  listeners.add(listener);
  return () => {
    if (!listeners.delete(listener) || listeners.size > 0) return;
    if (getLogger() === router && previous !== undefined) setLogger(previous);
  };
}

/** The library has no public way to ask for its logger. Without it everything stays as it is. */
async function loggerGetter(): Promise<(() => LibraryLogger) | undefined> {
  try {
    return (await import('@grpc/grpc-js/build/src/logging.js')).getLogger;
  } catch {
    return undefined;
  }
}

function route(level: 'error' | 'info' | 'debug', message: unknown, rest: readonly unknown[]): void {
  const text = withoutScheme(String(message));
  const words = text.split(/[\s,;()"']+/);
  const concerned = [...listeners].filter(({ address }) => words.some((word) => word.endsWith(address)));
  if (concerned.length === 0) previous?.[level]?.(message, ...rest);
  for (const { logger, name } of concerned) {
    // It is no error of ours: what comes of it shows in the calls.
    if (level === 'error') logger.warn({ connection: name }, `gRPC library: ${text}`);
    else logger.debug({ connection: name }, `gRPC library: ${text}`);
  }
}

const router: LibraryLogger = {
  error: (message: unknown, ...rest: unknown[]) => route('error', message, rest),
  info: (message: unknown, ...rest: unknown[]) => route('info', message, rest),
  debug: (message: unknown, ...rest: unknown[]) => route('debug', message, rest),
};
