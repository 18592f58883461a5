import { expect, it } from 'vitest';
import { ConnectionSystem } from '../../src/connection/connection-system.js';
import { ManagedConnection } from '../../src/connection/managed-connection.js';
import { systemClock } from '../../src/time/clock.js';
import { Deadlines } from '../../src/time/deadlines.js';
import type { McpLink, McpRequest, McpResponse } from '../../src/transports/mcp/mcp-messages.js';
import type { ServerNotification } from '../../src/transports/transport.js';
import { defaultSettings } from '../models/connection-world.js';
import { cleanups } from '../fixtures/cleanups.js';
import { recordingLogger } from '../fixtures/recording-logger.js';
import { RecordingListener, talkTo } from '../fixtures/transports/talking-links.js';

it('a call that is sent once more is heard of, and asked for, through the same listener', async () => {
  const links: McpLink[] = [];
  const clock = systemClock;
  const deadlines = new Deadlines(clock);
  const logger = recordingLogger();
  const system = new ConnectionSystem(clock, deadlines, logger);
  const connection = new ManagedConnection<McpRequest, McpResponse>({
    name: 'talking',
    transport: {
      target: 'talking',
      open: async () => {
        const link = await talkTo('stdio');
        links.push(link);
        return link;
      },
    },
    settings: defaultSettings,
    system,
    clock,
    random: () => 0,
    logger,
  });
  cleanups.push(async () => {
    await connection.close();
    system.stop();
    deadlines.close();
  });
  const heard: ServerNotification[] = [];
  const on = new RecordingListener({});
  on.notification = (notification) => {
    heard.push(notification);
    // The first link ends while its server works.
    if (heard.length === 1) void links[0]?.close();
  };
  const params = {
    name: 'work',
    arguments: { label: 'x', steps: ['progress', 'pause', 'pause', 'ask'] },
    _meta: { progressToken: 'mine' },
  };
  const answer = await connection.request({ method: 'tools/call', params }, { timeoutMs: 20_000, replay: 'once', on });
  expect(answer).toEqual({ label: 'x', answers: [{ action: 'accept' }] });
  expect(links).toHaveLength(2);
  expect(heard).toEqual([
    { method: 'notifications/progress', params: { progressToken: 'mine', progress: 0, message: 'x' } },
    { method: 'notifications/progress', params: { progressToken: 'mine', progress: 0, message: 'x' } },
  ]);
  expect(on.asked).toHaveLength(1);
});
