import { isAbsolute } from 'node:path';
import type { z } from 'zod';
import { milliseconds } from '../../time/duration.js';
import { errorAt } from '../problem.js';
import type { Written } from '../written.js';
import { integer, mapOf, orElse, positiveSeconds, text } from './field-schemas.js';
import {
  attemptFields,
  checkWindow,
  describeAttempts,
  readAttempts,
  readWindow,
  replayField,
  type ReplayPolicy,
  windowField,
} from './reconnection.js';
import type { RuleContext } from './rule-context.js';
import type { TransportSection } from './transport-section.js';

/** The `unix_socket` section. */
export interface UnixSocketClientConfig {
  readonly path: string;
  /** Connections that may be open, each of which answers in order; a second one when calls overlap, more only while answers are slow. */
  readonly connections: number;
  readonly reconnectAttempts: number;
  readonly reconnectDelayMs: number;
  readonly reconnectWindowMs?: number;
  readonly timeoutMs: number;
  readonly replay: ReplayPolicy;
}

const schema = mapOf({
  path: text,
  connections: orElse(integer(1, 64), 8),
  ...attemptFields,
  reconnect_window: windowField,
  timeout: orElse(positiveSeconds, 30),
  replay: replayField,
});

function check(unixSocket: Written, context: RuleContext): void {
  const { path: socket } = unixSocket;
  const { path, report } = context;
  checkWindow(unixSocket, context);
  if (typeof socket === 'string' && !isAbsolute(socket)) {
    report(errorAt([...path, 'path'], (found) => `expected an absolute path, found ${found}`));
  }
}

function read(unixSocket: z.output<typeof schema>): UnixSocketClientConfig {
  return {
    ...readAttempts(unixSocket),
    ...readWindow(unixSocket.reconnect_window),
    path: unixSocket.path,
    connections: unixSocket.connections,
    timeoutMs: milliseconds(unixSocket.timeout),
    replay: unixSocket.replay,
  };
}

function describe(unixSocket: UnixSocketClientConfig): Record<string, unknown> {
  return { path: unixSocket.path, ...describeAttempts(unixSocket), timeout: unixSocket.timeoutMs / 1000 };
}

export const unixSocketClient: TransportSection<typeof schema, UnixSocketClientConfig> = {
  key: 'unix_socket',
  schema,
  check,
  read,
  describe,
};
