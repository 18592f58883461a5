import { setImmediate } from 'node:timers/promises';
import type { Step } from './by-hand.js';

/** Words that nobody asks for. */
const denied = ['password', 'salary'];

/** What plugins do: look whom and what it is about, mask, count, ask somebody, and tell what they saw. */
export const realSteps: readonly Step[] = [
  {
    name: 'deny-list',
    tenants: ['acme', 'globex'],
    handle: async ({ args }) => {
      const query = String(args?.['query']).toLowerCase();
      const word = denied.find((candidate) => query.includes(candidate));
      if (word === undefined) return undefined;
      const violation = { reason: 'Denied word', description: `The query contains ${word}.`, code: 'DENIED_WORD' };
      return { continueProcessing: false, violation };
    },
  },
  {
    name: 'mask',
    handle: async (payload) => {
      const key = String(payload.args?.['apiKey']);
      return { modifiedPayload: { ...payload, args: { ...payload.args, apiKey: `${key.slice(0, 4)}…` } } };
    },
  },
  {
    name: 'quota',
    handle: async ({ args }, { globalContext, state }) => {
      const calls = Number(state['calls'] ?? 0) + 1;
      state['calls'] = calls;
      (globalContext.state ??= {})['quota'] = { user: globalContext.user, call: args?.['call'], left: 100 - calls };
      return undefined;
    },
  },
  {
    name: 'reputation',
    handle: async ({ name }) => {
      await setImmediate();
      return name === '' ? { continueProcessing: false } : { continueProcessing: true };
    },
  },
  {
    name: 'trail',
    handle: async ({ name, args }, { globalContext }) => ({
      metadata: { tool: name, limit: args?.['limit'], quota: globalContext.state?.['quota'] },
    }),
  },
];
