import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { parse } from 'yaml';
import { readyMadeKind, readyMadeKinds } from '../../../src/catalogue/index.js';
import { startOracle, theirSources } from './oracle.js';

it.runIf(inject('pythons') !== null)('their plugins can be asked, in both generations', async () => {
  const { pythons } = { pythons: inject('pythons') };
  if (pythons === null) return;
  await using wheels = await startOracle('cpex', pythons.cpex);
  await using tree = await startOracle('1.0.0', pythons['1.0.0']);
  const [masked] = await wheels.ask({
    kind: 'cpex_pii_filter.PIIFilterPlugin',
    hooks: ['tool_pre_invoke'],
    calls: [{ hook: 'tool_pre_invoke', payload: { name: 't', args: { text: 'bob@corp.com' } } }],
  });
  const [denied] = await tree.ask({
    kind: 'plugins.deny_filter.deny.DenyListPlugin',
    hooks: ['prompt_pre_fetch'],
    config: { words: ['bad'] },
    calls: [{ hook: 'prompt_pre_fetch', payload: { prompt_id: 'p', args: { text: 'a bad one' } } }],
  });

  expect(masked?.result).toMatchObject({ modified_payload: { args: { text: '[REDACTED]' } } });
  expect(denied?.result).toMatchObject({ continue_processing: false, violation: { code: 'deny' } });
});

it.runIf(inject('pythons') !== null)('what their file says of hooks, our plugins take', () => {
  const file = parse(readFileSync(join(theirSources, 'plugins/config.yaml'), 'utf8')) as {
    plugins: { kind: string; hooks: string[] }[];
  };
  const ours = file.plugins.filter(({ kind }) => readyMadeKind(kind) !== undefined);
  const refused = ours.flatMap(({ kind, hooks }) =>
    hooks.filter((hook) => readyMadeKind(kind)?.hooks.includes(hook) !== true).map((hook) => `${kind} ${hook}`),
  );

  expect(ours.length).toBe(readyMadeKinds.length);
  expect(refused).toEqual([]);
});
