import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { Fixture } from './fixture.js';
import { startGatechartHost } from './gatechart-host.js';
import type { Host, Json } from './host.js';
import { startPythonHost } from './python-host.js';
import type { Server, Side } from './transports.js';

const python = inject('python');
/** What a host says that gets no connection; neither always learns why. With good certificates both connect, see `same-answers.test.ts`. */
const refusal = { ours: /cannot be reached/, theirs: /Guard|certificate/i };
const sides = ['ours', 'theirs'] as const;

describe.runIf(python !== null).each(['https', 'grpc-tls'] as const)('certificates over %s', (transport) => {
  let fixture: Fixture;
  let hosts: Readonly<Record<Side, Host>>;
  let servers: Readonly<Record<Side, Server>>;
  beforeAll(async () => {
    fixture = new Fixture(python ?? '');
    hosts = { ours: startGatechartHost(), theirs: startPythonHost(fixture.python) };
    const [ours, theirs] = await Promise.all([fixture.serve('ours', transport), fixture.serve('theirs', transport)]);
    servers = { ours, theirs };
  });
  afterAll(async () => {
    await Promise.all(sides.map((side) => hosts[side].close()));
    await fixture.close();
  });

  /** Opens a connection with some of the TLS settings changed; null takes one away. */
  const open = (host: Side, server: Side, what: string, changes: Json) => {
    const kind = transport === 'https' ? 'mcp' : 'grpc';
    const settings = servers[server].section[kind];
    const tls = Object.entries({ ...Object(Object(settings).tls), ...changes }).filter(([, value]) => value !== null);
    const section = { [kind]: { ...Object(settings), tls: Object.fromEntries(tls) } };
    return hosts[host].open(`${host} to ${server} ${what}`, fixture.hostConfig({ ...servers[server], section }), 10);
  };

  test.each([
    ['ours', 'theirs'],
    ['theirs', 'ours'],
  ] as const)('%s to %s: a host without a certificate is refused', async (host, server) => {
    await expect(open(host, server, 'bare', { certfile: null, keyfile: null })).rejects.toThrow(refusal[host]);
  });

  test.each([
    ['ours', 'theirs'],
    ['theirs', 'ours'],
  ] as const)('%s to %s: a server of another authority is refused', async (host, server) => {
    const changes = { ca_bundle: fixture.certificates.otherCa.certfile };
    await expect(open(host, server, 'other authority', changes)).rejects.toThrow(refusal[host]);
  });

  test.each(sides)('our host to %s: with verify false the authority does not matter', async (server) => {
    const changes = { ca_bundle: fixture.certificates.otherCa.certfile, verify: false };
    expect(await open('ours', server, 'unverified', changes)).toHaveLength(1);
  });
});
