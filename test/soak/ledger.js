// The plugin of the soak: it notes each execution in a file, and then does what it is asked for.
import { appendFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { definePlugin } from 'gatechart';

/** Over stdio, what other programs print by mistake: none of it answers any call. */
const stray = [
  'a line that is no message',
  '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Session terminated"}}',
  '{"jsonrpc":"2.0","id":"made up","error":{"code":-32600,"message":"unknown session"}}',
  '{"jsonrpc":"2.0","id":4294967295,"result":{}}',
];

export const Ledger = definePlugin({
  hooks: {
    async tool_pre_invoke(payload) {
      const { id, act, ms } = /** @type {{ id: string, act: string, ms: number }} */ (payload.args);
      appendFileSync(String(process.env['SOAK_LEDGER']), `${id}\n`);
      if (act === 'slow') await setTimeout(ms);
      if (act === 'stray' && process.env['SOAK_STDOUT'] !== undefined)
        process.stdout.write(`${stray[ms % stray.length]}\n`);
      if (act === 'fail') throw new Error('Upstream session terminated');
      if (act === 'block')
        return { continueProcessing: false, violation: { reason: 'Blocked', description: '', code: id } };
      if (act === 'huge') return { modifiedPayload: { ...payload, args: { text: 'x'.repeat(17 * 1024 * 1024) } } };
      return { metadata: { id } };
    },
  },
});
