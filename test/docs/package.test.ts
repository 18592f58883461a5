import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { installPackage } from '../fixtures/processes/local-install.js';
import { folderWith, repository } from '../fixtures/manager/managers.js';

const run = promisify(execFile);

const program = `
import {
  createManager,
  definePlugin,
  type HookOutcome,
  isGatechartError,
  Plugin,
  type PluginContext,
  silentLogger,
  type ToolPreInvokePayload,
} from 'gatechart';
import { callMachine, connectionMachine, invocationMachine } from 'gatechart/machines';
import { ManualClock } from 'gatechart/testing';

class DenyList extends Plugin {
  toolPreInvoke(payload: ToolPreInvokePayload, context: PluginContext) {
    context.state['seen'] = payload.name;
    if (payload.name !== 'drop') return {};
    return { continueProcessing: false, violation: { reason: 'Denied', description: payload.name, code: 'DENIED' } };
  }
}
const tag = definePlugin({ hooks: { tool_pre_invoke: (payload) => ({ metadata: { tool: payload.name } }) } });

const manager = await createManager({
  kinds: { deny: DenyList, tag },
  config: {
    plugins: [
      { name: 'Deny', kind: 'deny', hooks: ['tool_pre_invoke'] },
      { name: 'Tag', kind: 'tag', hooks: ['tool_pre_invoke'] },
    ],
  },
  env: {},
  logger: silentLogger,
});
const outcome: HookOutcome<ToolPreInvokePayload> = await manager.invokeHook(
  'tool_pre_invoke',
  { name: 'search' },
  { requestId: '1' },
);
const blocked = await manager.invokeHook('tool_pre_invoke', { name: 'drop' }, { requestId: '2' });
// @ts-expect-error -- a tool has a name
const wrong: unknown = await manager.invokeHook('tool_pre_invoke', {}, { requestId: '3' }).catch((error: unknown) => error);
await manager.close();

const clock = new ManualClock();
let rang = 0;
clock.setTimeout(() => rang++, 1_000);
await clock.advance(1_000);

console.log(
  JSON.stringify({
    tool: outcome.metadata['tool'],
    blockedBy: blocked.violation?.pluginName,
    wrong: isGatechartError(wrong) ? wrong.code : 'nothing',
    machines: [connectionMachine.id, callMachine.id, invocationMachine.id],
    rang,
  }),
);
`;

it('the packed package type-checks in a fresh TypeScript project, runs there, and has a command', {
  timeout: 180_000,
}, async () => {
  const project = folderWith({
    'fresh/package.json': '{ "name": "fresh", "private": true, "type": "module" }',
    'fresh/main.ts': program,
    'fresh/tsconfig.json': JSON.stringify({
      compilerOptions: {
        target: 'ES2022',
        lib: ['ES2023', 'ESNext.Disposable'],
        module: 'NodeNext',
        moduleResolution: 'NodeNext',
        types: ['node'],
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        skipLibCheck: false,
      },
      files: ['main.ts'],
    }),
  });
  const cwd = join(project, 'fresh');
  expect(await installPackage(cwd)).toBe('gatechart-0.1.0.tgz');
  mkdirSync(join(cwd, 'node_modules/@types'));
  symlinkSync(join(repository, 'node_modules/@types/node'), join(cwd, 'node_modules/@types/node'));

  const tsc = join(repository, 'node_modules/typescript/bin/tsc');
  const { stdout: problems } = await run(process.execPath, [tsc, '-p', 'tsconfig.json'], { cwd }).catch(
    (error: { stdout: string }) => error,
  );
  // Declarations of others do not all pass such strict settings; ours and the program's have to.
  const ours = problems.split('\n').filter((line) => /^(main\.ts|node_modules\/gatechart\/)/.test(line));
  expect(ours).toEqual([]);
  const { stdout } = await run(process.execPath, ['main.js'], { cwd });
  expect(JSON.parse(stdout)).toEqual({
    tool: 'search',
    blockedBy: 'Deny',
    wrong: 'PAYLOAD_INVALID',
    machines: ['connection', 'call', 'invocation'],
    rang: 1,
  });

  const version = await run('npx', ['--no-install', 'gatechart', '--version'], { cwd });
  expect(version.stdout).toBe('0.1.0\n');
  writeFileSync(join(cwd, 'plugins.yaml'), 'plugins: []\n');
  const checked = await run('npx', ['--no-install', 'gatechart', 'check-config', 'plugins.yaml'], { cwd });
  expect(checked.stdout).toBe('plugins.yaml: 0 plugins, 0 errors, 0 warnings\n');
  const charts = await run('npx', ['--no-install', 'gatechart', 'charts', '--machine', 'call', '--format', 'svg'], {
    cwd,
  });
  expect(charts.stdout).toMatch(/^<svg /);

  const installed = JSON.parse(readFileSync(join(cwd, 'node_modules/gatechart/package.json'), 'utf8')) as object;
  expect(Object.keys(installed)).toEqual(expect.arrayContaining(['exports', 'bin', 'engines', 'license']));
});
