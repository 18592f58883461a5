import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { folderWith } from '../fixtures/manager/managers.js';
import { gatechart } from '../fixtures/processes/processes.js';

it.each<[what: string, payload: unknown, context: unknown, said: string]>([
  [
    'a payload',
    { name: 't', arguments: { a: 1 } },
    { request_id: '1' },
    'payload.json: arguments: unknown field; did you mean `args`?\n',
  ],
  [
    'a context',
    { name: 't' },
    { request_id: '1', tenantId: '5' },
    'context.json: context.global_context.tenantId: unknown field; did you mean `tenant_id`?\n',
  ],
])('gatechart invoke refuses fields of %s that nobody knows', async (_, payload, context, said) => {
  const folder = folderWith({
    'guard.mjs': `import { definePlugin } from 'gatechart';
export const Guard = definePlugin({ hooks: { tool_pre_invoke() {} } });`,
    'plugins.yaml': 'plugins:\n- {name: Guard, kind: ./guard.mjs#Guard, hooks: [tool_pre_invoke]}\n',
  });
  writeFileSync(join(folder, 'payload.json'), JSON.stringify(payload));
  writeFileSync(join(folder, 'context.json'), JSON.stringify(context));
  const args = ['invoke', '--config', 'plugins.yaml', '--hook', 'tool_pre_invoke', '--payload', 'payload.json'];
  const { code, stdout, stderr } = await gatechart([...args, '--context', 'context.json'], { cwd: folder });
  expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: said });
});
