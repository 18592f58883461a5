import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatechartError } from '../../../src/errors.js';
import { createAudit } from '../../../src/gateway/audit/create-audit.js';
import { serveGateway } from '../../../src/gateway/serve-gateway.js';
import { silentLogger as logger } from '../../../src/index.js';
import { scriptedGateway } from '../../fixtures/gateway/scripted-gateway.js';
import type { ScriptedServer } from '../../fixtures/gateway/scripted-servers.js';
import { temporaryFolder } from '../../fixtures/gateway/temporary-folder.js';

/** The other end of a gateway: says what it wants, and tells of each answer in the moment in which it is handed over. */
class Client implements Transport {
  onmessage?: Transport['onmessage'];
  onclose?: Transport['onclose'];
  readonly #answered: (id: unknown) => void;

  constructor(answered: (id: unknown) => void) {
    this.#answered = answered;
  }

  async start(): Promise<void> {}

  async close(): Promise<void> {
    this.onclose?.();
  }

  send(message: JSONRPCMessage): Promise<void> {
    if ('id' in message && !('method' in message)) this.#answered(message.id);
    return Promise.resolve();
  }

  say(message: object): void {
    this.onmessage?.({ jsonrpc: '2.0', ...message } as JSONRPCMessage);
  }

  call(id: number, server: string): void {
    const params = { name: 'execute_tool', arguments: { server, tool: `tool ${id}` } };
    this.say({ id, method: 'tools/call', params });
  }

  cancel(requestId: number): void {
    this.say({ method: 'notifications/cancelled', params: { requestId } });
  }
}

async function served(server: ScriptedServer, answered: (id: unknown) => void, told: (subject: unknown) => void) {
  const audit = await createAudit({ file: join(temporaryFolder(), 'audit.jsonl'), logger });
  const record = ({ subject }: { readonly subject: string | undefined }): void => told(subject);
  const made = await scriptedGateway({ s: server }, { audit, record, metrics: true });
  const client = new Client(answered);
  const served = await serveGateway(made.gateway, { transport: { kind: 'transport', transport: client }, logger });
  const lines = (): Record<string, unknown>[] => {
    const text = readFileSync(audit.file, 'utf8');
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  };
  return { ...made, client, served, lines };
}

describe('a call is written down', () => {
  it.each([
    ['an answer', () => ({ content: [] }), 'ALLOW'],
    ['a refusal', () => Promise.reject(new GatechartError('CALL_REFUSED', 'no')), 'ERROR'],
  ])('behind the turn of %s, and before anything else is done', async (_what, script, decision) => {
    const heard: unknown[] = [];
    const answered = (id: unknown): void => {
      heard.push(`answer ${String(id)}`);
      queueMicrotask(() => heard.push('something else'));
    };
    const { client, gateway, lines, served: server } = await served({ script }, answered, (tool) => heard.push(tool));
    client.call(1, 's');
    await setImmediate();
    expect(heard).toEqual(['answer 1', 'tool 1', 'something else']);
    expect((await gateway.metrics?.())?.text).toMatch(/mcp_server_operation_duration_seconds_count\{[^}]*\} 1/);
    await server.close();
    expect(lines()).toMatchObject([{ tool: 'tool 1', decision }]);
  });

  it('also where its client does not want the answer any more', async () => {
    const told: unknown[] = [];
    const answers: unknown[] = [];
    const never: ScriptedServer = { script: () => new Promise(() => {}) };
    const { client } = await served(
      never,
      (id) => answers.push(id),
      (tool) => told.push(tool),
    );
    client.call(1, 's');
    await setImmediate();
    client.cancel(1);
    await setImmediate();
    expect([answers, told]).toEqual([[], ['tool 1']]);
  });

  const fates = fc.constantFrom('at once', 'later', 'refused', 'never', 'cancelled', 'no such server');
  const worlds = fc.record({
    calls: fc.array(fc.record({ fate: fates, turn: fc.nat(3) }), { minLength: 1, maxLength: 12 }),
    closedAt: fc.nat(5),
    inTheMiddle: fc.boolean(),
  });

  it('exactly once, in the order in which calls ended, whenever the gateway is closed', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async ({ calls, closedAt, inTheMiddle }) => {
        const script: ScriptedServer['script'] = async ({ request }) => {
          const { fate } = calls[Number(String(request.params?.['name']).slice('tool '.length))] ?? {};
          if (fate === 'later') await setImmediate();
          if (fate === 'refused') throw new GatechartError('CALL_REFUSED', 'no');
          if (fate === 'never' || fate === 'cancelled') await new Promise(() => {});
          return { content: [{ type: 'text', text: 'done' }] };
        };
        const answers: unknown[] = [];
        const made = await served(
          { script },
          (id) => answers.push(id),
          () => {},
        );
        const { client, gateway, lines } = made;
        const ended: string[] = [];
        const begun: number[] = [];
        gateway.interior.calls.observeCalls({
          began: () => {},
          asked: () => {},
          answered: () => {},
          ended: ({ requestId }) => void ended.push(requestId),
        });
        for (let turn = 0; turn < closedAt; turn++) {
          for (const [id, call] of calls.entries()) {
            if (call.turn === turn) {
              begun.push(id);
              client.call(id, call.fate === 'no such server' ? 'none' : 's');
            }
            if (call.turn === turn - 1 && call.fate === 'cancelled') client.cancel(id);
          }
          if (!inTheMiddle || turn < closedAt - 1) await setImmediate();
        }
        await gateway.close();
        await made.served.close();
        const written = lines();
        expect(written.map(({ tool }) => String(tool)).toSorted()).toEqual(begun.map((id) => `tool ${id}`).toSorted());
        expect(written.map(({ request_id: id }) => id)).toEqual(ended);
        expect(new Set(answers).size).toBe(answers.length);
      }),
      { numRuns: 150 },
    );
  }, 60_000);
});
