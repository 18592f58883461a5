import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { GatewayFigures } from '../../src/observability/figures.js';
import { mostValues } from '../../src/observability/measures.js';
import { createPrometheus } from '../../src/prometheus/index.js';
import { readPrometheus } from '../fixtures/gateway/prometheus-text.js';

/** A gateway that counts as a test says. */
class CountingGateway implements GatewayFigures {
  readonly restarts = new Map<string, number>();
  lost = 0;

  servers() {
    return [...this.restarts].map(([name, restarts]) => ({ name, state: 'ready', restarts, waiting: 0, inFlight: 0 }));
  }

  clients = () => 0;
  calls = () => 0;
  auditDropped = () => this.lost;

  restart(server: string): void {
    this.restarts.set(server, (this.restarts.get(server) ?? 0) + 1);
  }
}

const server = fc.constantFrom('a', 'b');
const gateway = fc.nat(2);
const act = fc.oneof(
  fc.record({ do: fc.constantFrom('come' as const, 'leave' as const, 'lose' as const), gateway }),
  fc.record({ do: fc.constantFrom('restart' as const, 'remove' as const), gateway, server }),
  fc.record({ do: fc.constant('look' as const) }),
);

it('totals never fall, and miss nothing, while gateways and servers come and go', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 40 }), async (acts) => {
      const metrics = await createPrometheus();
      const gateways = new Map<number, { counting: CountingGateway; leave: () => void }>();
      const counted = { a: 0, b: 0, lost: 0 };
      let told = { ...counted };
      const look = async () => {
        const page = readPrometheus((await metrics.page()).text);
        const restarts = (name: string) => page.value('gatechart_server_restarts_total', { server: name }) ?? 0;
        const now = { a: restarts('a'), b: restarts('b'), lost: page.value('gatechart_audit_dropped_total', {}) ?? 0 };
        for (const key of ['a', 'b', 'lost'] as const) expect(now[key]).toBeGreaterThanOrEqual(told[key]);
        told = now;
      };
      for (const one of acts) {
        if (one.do === 'look') {
          await look();
          continue;
        }
        const known = gateways.get(one.gateway);
        if (one.do === 'come') {
          if (known !== undefined) continue;
          const counting = new CountingGateway();
          gateways.set(one.gateway, { counting, leave: metrics.watchGateway(counting) });
        } else if (known === undefined) {
          continue;
        } else if (one.do === 'leave') {
          gateways.delete(one.gateway);
          known.leave();
        } else if (one.do === 'lose') {
          known.counting.lost++;
          counted.lost++;
        } else if (one.do === 'restart') {
          known.counting.restart(one.server);
          counted[one.server]++;
        } else if (one.do === 'remove') {
          // A reload takes it away, and what nobody has looked at since is lost.
          await look();
          known.counting.restarts.delete(one.server);
        }
      }
      await look();
      expect(told).toEqual(counted);
    }),
  );
});

it('totals of more servers than are told apart never fall, whichever of them go', async () => {
  const metrics = await createPrometheus();
  const counting = new CountingGateway();
  metrics.watchGateway(counting);
  const names = Array.from({ length: mostValues.servers + 50 }, (_, index) => `server ${index}`);
  for (const name of names) counting.restart(name);
  const other = async () =>
    readPrometheus((await metrics.page()).text).value('gatechart_server_restarts_total', { server: 'other' });
  expect(await other()).toBe(50);
  for (const name of names.slice(150)) counting.restarts.delete(name);
  expect(await other()).toBe(50);
});
