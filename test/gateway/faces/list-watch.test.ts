import { expect, test } from 'vitest';
import { ListWatch } from '../../../src/gateway/faces/transparent/list-watch.js';
import type { McpClient } from '../../../src/serving/mcp/mcp-service.js';
import { Supervisor } from '../../../src/actors/supervisor.js';
import { ManualClock, RecordingLogger } from '../../../src/testing/index.js';
import { deferred } from '../../../src/time/deferred.js';

/** A client that nothing is told. */
const client: McpClient = {
  id: 'client',
  notify: () => false,
  ask: () => Promise.reject(new Error('nothing is asked')),
  capabilities: {},
  logLevel: undefined,
  identity: undefined,
};

for (const [what, leave] of [
  ['has left', (watch: ListWatch) => watch.clientGone(client)],
  ['is told nothing any more', (watch: ListWatch) => watch.close()],
] as const) {
  test(`no list is asked for on behalf of a client that ${what} while another list was looked at`, async () => {
    const clock = new ManualClock();
    const watch = new ListWatch(new Supervisor('lists', new RecordingLogger(), clock));
    const tools = deferred<string>();
    const asked: string[] = [];
    watch.saw(client, 'tools', {
      fingerprint: 'old',
      again: () => {
        asked.push('tools');
        return tools.promise;
      },
    });
    watch.saw(client, 'prompts', {
      fingerprint: 'old',
      again: () => {
        asked.push('prompts');
        return Promise.resolve('old');
      },
    });
    watch.changed();
    await clock.run(50);
    leave(watch);
    tools.resolve('new');
    await clock.run(0);
    expect(asked).toEqual(['tools']);
    watch.close();
  });
}
