import { fc, test } from '@fast-check/vitest';
import { expect, it } from 'vitest';
import { managerOf } from '../fixtures/catalogue/one-plugin.js';

const hooks = ['tool_pre_invoke'];
const mail = {
  type: 'object',
  required: ['to', 'subject'],
  properties: {
    to: { type: 'array', items: { type: 'string' } },
    subject: { type: 'string' },
    minutes: { type: 'integer' },
    urgent: { type: 'boolean' },
    priority: { type: 'string', enum: ['low', 'high'] },
  },
};

async function checked(args: Record<string, unknown>, config: object = {}) {
  await using manager = await managerOf('sparc-static-validator', hooks, { tool_schemas: { mail }, ...config });
  return manager.invokeHook('tool_pre_invoke', { name: 'mail', args }, { requestId: 'r' });
}

it('a call as its tool wants it passes', async () => {
  const { continueProcessing, metadata } = await checked({ to: ['a@b.c'], subject: 'x' });

  expect(continueProcessing).toBe(true);
  expect(metadata).toEqual({ sparc_validation: 'passed' });
});

it.each([
  ['SPARC_MISSING_REQUIRED', { to: [] }, 'Missing required: subject'],
  ['SPARC_UNKNOWN_PARAM', { to: [], subject: 'x', cc: 1 }, "Parameter 'cc' not defined"],
  ['SPARC_TYPE_ERROR', { to: [], subject: 1 }, 'subject: expected string'],
  [
    'SPARC_ENUM_VIOLATION',
    { to: [], subject: 'x', priority: 'urgent' },
    'priority: not in allowed values ["low","high"]',
  ],
])('%s', async (code, args, explanation) => {
  const { violation } = await checked(args);

  expect(violation).toMatchObject({ code, details: { tool_name: 'mail', errors: [{ code, explanation }] } });
});

it.each([
  [{ minutes: '30' }, { minutes: 30 }],
  [{ urgent: 'True' }, { urgent: true }],
  [{ urgent: 1 }, { urgent: true }],
  [{ to: 'a@b.c' }, { to: ['a@b.c'] }],
])('%j is meant as %j', async (given, meant) => {
  const right = { to: ['x'], subject: 'x' };
  const { violation, metadata } = await checked({ ...right, ...given });
  const { modifiedPayload } = await checked({ ...right, ...given }, { auto_apply_corrections: true });

  expect(violation?.details?.['correction']).toEqual({ ...right, ...meant });
  expect(metadata).toMatchObject({ sparc_correction: { ...right, ...meant } });
  expect(modifiedPayload).toEqual({ name: 'mail', args: { ...right, ...meant } });
});

it('what is not plainly meant is not guessed', async () => {
  const outcome = await checked({ to: ['x'], subject: 'x', minutes: 'thirty' }, { auto_apply_corrections: true });

  expect(outcome.violation).toMatchObject({ code: 'SPARC_TYPE_ERROR', details: { correction: null } });
});

it('a correction that leaves something wrong is none', async () => {
  const outcome = await checked({ to: ['x'], minutes: '30' }, { auto_apply_corrections: true });
  expect(outcome.violation).toMatchObject({ details: { correction: null } });
});

it('the schema that a host puts beside the request is taken, unless the configuration has one', async () => {
  await using manager = await managerOf('sparc-static-validator', hooks, {});
  const metadata = { tool: { name: 'other', inputSchema: mail } };
  const outcome = await manager.invokeHook('tool_pre_invoke', { name: 'other' }, { requestId: 'r', metadata });
  const without = await manager.invokeHook('tool_pre_invoke', { name: 'other' }, { requestId: 's' });

  expect(outcome.violation).toMatchObject({ code: 'SPARC_MISSING_REQUIRED' });
  expect(without.metadata).toEqual({ sparc_validation: 'skipped', reason: 'no_schema' });
});

it.each([{ type: 'strange' }, { $ref: 'https://example.com/' }, 'text'])(
  'a schema %j that cannot be used lets nothing pass',
  async (inputSchema) => {
    await using manager = await managerOf('sparc-static-validator', hooks, { block_on_violation: false });
    const metadata = { tool: { inputSchema } };
    const { violation } = await manager.invokeHook('tool_pre_invoke', { name: 'x' }, { requestId: 'r', metadata });
    expect(violation).toMatchObject({ code: 'SPARC_INVALID_SPEC' });
  },
);

const anything = fc.dictionary(
  fc.constantFrom('to', 'subject', 'minutes', 'urgent', 'cc', '__proto__'),
  fc.jsonValue(),
);

test.prop([anything], { numRuns: 40 })(
  'what is corrected keeps the schema, and what keeps it is not touched',
  async (args) => {
    const outcome = await checked(args, { auto_apply_corrections: true });
    if (!outcome.continueProcessing) return;
    const passed = (outcome.modifiedPayload as { args?: Record<string, unknown> } | undefined)?.args ?? args;

    await expect(checked(passed)).resolves.toMatchObject({ metadata: { sparc_validation: 'passed' } });
  },
);
