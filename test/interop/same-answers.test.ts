import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type Case, cases } from './cases.js';
import { Fixture } from './fixture.js';
import { startGatechartHost } from './gatechart-host.js';
import type { Host, Json, Outcome } from './host.js';
import { matching, meantFor, normalised } from './differences.js';
import { startPythonHost } from './python-host.js';
import { type Server, type Side, transports } from './transports.js';

const python = inject('python');

const pairs = [
  ['theirs', 'theirs'],
  ['ours', 'ours'],
  ['ours', 'theirs'],
  ['theirs', 'ours'],
] as const;

describe.runIf(python !== null)('our host and theirs get the same from our server and theirs', () => {
  let fixture: Fixture;
  let hosts: Readonly<Record<Side, Host>>;
  beforeAll(() => {
    fixture = new Fixture(python ?? '');
    hosts = { ours: startGatechartHost(), theirs: startPythonHost(fixture.python) };
  });
  afterAll(async () => {
    await Promise.all(Object.values(hosts).map((host) => host.close()));
    await fixture.close();
  });

  describe.each(transports)('over %s', (transport) => {
    const managerOf = (host: Side, server: Side): string => `${transport}: ${host} to ${server}`;
    let servers: Readonly<Record<Side, Server>>;
    beforeAll(async () => {
      const [ours, theirs] = await Promise.all([fixture.serve('ours', transport), fixture.serve('theirs', transport)]);
      servers = { ours, theirs };
      await Promise.all(
        pairs.map(([host, server]) =>
          hosts[host].open(managerOf(host, server), fixture.hostConfig(servers[server]), 30),
        ),
      );
    });

    test.each(cases)('$name', async (example) => {
      const outcomes: Record<string, readonly Outcome[]> = {};
      for (const [host, server] of pairs)
        outcomes[`${host} to ${server}`] = await runCase(hosts[host], managerOf(host, server), example);
      const meant = pairs.map(([host, server]) => meantFor({ transport, host, server, example: example.name }));
      const reference = pairs.findIndex((_, index) => meant[index] === undefined);
      const got = pairs.map(([host, server]) => (outcomes[`${host} to ${server}`] ?? []).map(normalised));
      for (const [index, [host, server]] of pairs.entries())
        expect(got[index], `${host} to ${server}`).toEqual(meant[index]?.map(matching) ?? got[reference]);
    });

    test.each(['ours', 'theirs'] as const)(
      'after a time-out at our host, calls of the %s server get their own answers',
      async (server) => {
        const manager = `${managerOf('ours', server)}, in haste`;
        await hosts.ours.open(manager, fixture.hostConfig(servers[server]), 2);
        const context = contextOf({});
        const call = (name: string, args: Json) =>
          hosts.ours.callPlugin(manager, { hook: 'tool_pre_invoke', payload: { name, args } }, context);

        const late = await call('sleep', { seconds: 4, tag: 'late' });
        const after = await Promise.all(['a', 'b', 'c'].map((tag) => call('tag', { tag })));

        expect(late.error).toMatchObject({ message: expect.stringContaining('Plugin Guard exceeded 2s timeout') });
        expect(after.map(({ result }) => result?.['modified_payload'])).toEqual(
          ['a', 'b', 'c'].map((answer) => ({ name: 'tag', args: { answer }, headers: null })),
        );
        await hosts.ours.closeManager(manager);
      },
    );
  });
});

/** Runs the calls of a case in one context, as a host does for one request. */
async function runCase(host: Host, manager: string, { calls, context }: Case): Promise<Outcome[]> {
  let given = contextOf(context);
  const outcomes: Outcome[] = [];
  for (const call of calls) {
    const outcome = await host.callPlugin(manager, call, given);
    outcomes.push(outcome);
    const { state, metadata, global_state: globalState } = outcome.context;
    given = { ...given, state, metadata, global_context: { ...Object(given['global_context']), state: globalState } };
  }
  return outcomes;
}

function contextOf(context: Json = {}): Json {
  const global = Object(context['global_context'] ?? { request_id: 'request-1' });
  return { state: {}, metadata: {}, ...context, global_context: { state: {}, metadata: {}, ...global } };
}
