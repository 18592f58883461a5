import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bareFolder } from '../fixtures/package/bare-folder.js';
import { installPackage } from '../fixtures/processes/local-install.js';
import { folderWith, repository } from '../fixtures/manager/managers.js';

// What a new user does with the packed package in a folder that has nothing else in it.

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

const guarded = `
const deny = definePlugin({
  hooks: {
    tool_pre_invoke: ({ name }) =>
      name === 'drop'
        ? { continueProcessing: false, violation: { reason: 'Denied', description: name, code: 'DENIED' } }
        : undefined,
  },
});
const run = async () => {
  const config = { plugins: [{ name: 'Deny', kind: 'deny', hooks: ['tool_pre_invoke'] }] };
  const manager = await createManager({ kinds: { deny }, config, env: {}, logger: silentLogger });
  const { violation } = await manager.invokeHook('tool_pre_invoke', { name: 'drop' }, { requestId: '1' });
  await manager.close();
  console.log(violation.code);
};
`;

const withOwnSchemas = `
import { createManager, defineHook, definePlugin, silentLogger } from 'gatechart';
import { z } from 'zod';

const orderPlaced = defineHook({ name: 'order_placed', payload: z.object({ amount: z.number() }) });
const limit = definePlugin({
  config: z.strictObject({ most: z.number() }),
  for: [orderPlaced],
  hooks: {
    order_placed: ({ amount }, context) =>
      amount > context.plugin.config.most ? { modifiedPayload: { amount: context.plugin.config.most } } : undefined,
  },
});
`;

const tsconfig = (module: string, moduleResolution: string): string =>
  JSON.stringify({
    compilerOptions: {
      target: 'ES2022',
      lib: ['ES2023', 'ESNext.Disposable'],
      module,
      moduleResolution,
      types: ['node'],
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
    },
    files: ['main.ts'],
  });

let cwd: string;
let tarball: string;

beforeAll(async () => {
  cwd = bareFolder();
  writeFileSync(join(cwd, 'package.json'), '{ "name": "fresh", "private": true, "type": "module" }');
  tarball = await installPackage(cwd);
  mkdirSync(join(cwd, 'node_modules/@types'));
  symlinkSync(join(repository, 'node_modules/@types/node'), join(cwd, 'node_modules/@types/node'));
}, 120_000);

afterAll(() => rmSync(cwd, { recursive: true }));

async function node(file: string, source: string): Promise<string> {
  writeFileSync(join(cwd, file), source);
  const { stdout } = await run(process.execPath, ['--disable-warning=ExperimentalWarning', file], { cwd });
  return stdout.trim();
}

it.each([
  ['NodeNext', 'NodeNext'],
  ['ESNext', 'Bundler'],
])('strict TypeScript with module %s and moduleResolution %s', { timeout: 120_000 }, async (module, resolution) => {
  writeFileSync(join(cwd, 'main.ts'), program);
  writeFileSync(join(cwd, 'tsconfig.json'), tsconfig(module, resolution));
  const tsc = join(repository, 'node_modules/typescript/bin/tsc');
  const { stdout } = await run(process.execPath, [tsc, '-p', 'tsconfig.json'], { cwd }).catch(
    (error: { stdout: string }) => error,
  );
  // `faultArbitrary` has a type of `fast-check`, which whoever uses it installs. Declarations of others do not all pass
  // such strict settings; ours and the program's have to.
  const ours = stdout.split('\n').filter((line) => /^(main\.ts|node_modules\/gatechart\/)/.test(line));
  expect(ours).toEqual([expect.stringMatching(/testing\/faults\.d\.ts.*'fast-check'/)]);
  // The guide says of which others, and why.
  const others = [...stdout.matchAll(/^(?:\.\.\/)*(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\/.*error/gm)].map(
    ([, name]) => name,
  );
  const guide = readFileSync(join(repository, 'docs/guides/embed-it.md'), 'utf8');
  const [, named = ''] = /^- TypeScript: ([^]*?)^- /m.exec(guide) ?? [];
  expect([...new Set(others)].filter((name) => name !== 'gatechart' && !named.includes(`\`${name}\``))).toEqual([]);

  expect(JSON.parse((await run(process.execPath, ['main.js'], { cwd })).stdout)).toEqual({
    tool: 'search',
    blockedBy: 'Deny',
    wrong: 'PAYLOAD_INVALID',
    machines: ['connection', 'call', 'invocation'],
    rang: 1,
  });
});

it('JavaScript', async () => {
  const source = `import { createManager, definePlugin, silentLogger } from 'gatechart';${guarded}await run();`;
  expect(await node('plain.mjs', source)).toBe('DENIED');
});

it('CommonJS: by `import()` on every Node, and by `require` where Node takes ES modules so', async () => {
  const names = '{ createManager, definePlugin, silentLogger }';
  const imported = `import('gatechart').then(async (${names}) => {${guarded}await run();});`;
  expect(await node('imported.cjs', imported)).toBe('DENIED');
  // From 20.19 and 22.12 on; before that, `require` throws ERR_REQUIRE_ESM, which says to use `import()`.
  const required = await node(
    'required.cjs',
    `try { const ${names} = require('gatechart'); ${guarded} run(); } catch (error) { console.log(error.code); }`,
  );
  const takesModules = 'require_module' in process.features && process.features.require_module;
  expect(required).toBe(takesModules ? 'DENIED' : 'ERR_REQUIRE_ESM');
});

it("schemas of the user's own zod, which is another copy than the one inside", async () => {
  cpSync(join(repository, 'node_modules/zod'), join(cwd, 'own/node_modules/zod'), { recursive: true });
  const config = "{ plugins: [{ name: 'Limit', kind: 'limit', hooks: ['order_placed'], config: { most: 5 } }] }";
  const source = `${withOwnSchemas}
    const options = { hooks: [orderPlaced], kinds: { limit }, env: {}, logger: silentLogger };
    const manager = await createManager({ ...options, config: ${config} });
    const { modifiedPayload } = await manager.invokeHook('order_placed', { amount: 9 }, { requestId: '1' });
    const wrong = await manager.invokeHook('order_placed', { amount: 'all' }, { requestId: '2' }).catch((error) => error);
    await manager.close();
    console.log(modifiedPayload.amount, wrong.code);`;
  expect(await node('own/main.mjs', source)).toBe('5 PAYLOAD_INVALID');
});

it('a bundle of esbuild, which runs where nothing is installed', async () => {
  const source = `import { createManager, definePlugin, silentLogger } from 'gatechart';${guarded}await run();`;
  writeFileSync(join(cwd, 'bundled.mjs'), source);
  const outfile = join(folderWith({}), 'bundle.mjs');
  // Packages in CommonJS want a `require`, which ES modules have not.
  const banner =
    "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);";
  await build({
    entryPoints: [join(cwd, 'bundled.mjs')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    banner: { js: banner },
    logLevel: 'silent',
  });
  expect((await run(process.execPath, [outfile])).stdout).toBe('DENIED\n');
});

it('a bundle of esbuild in CommonJS, which runs where nothing is installed, and says so of what it needs', async () => {
  const source = `
    import { createManager, definePlugin, silentLogger } from 'gatechart';
    ${guarded}
    run().then(() => createManager({ config: './plugins.yaml' })).catch(({ message }) => console.log(message));`;
  writeFileSync(join(cwd, 'bundled-as-commonjs.mjs'), source);
  const away = folderWith({ 'plugins.yaml': 'plugins: []\n' });
  const outfile = join(away, 'bundle.cjs');
  await build({
    entryPoints: [join(cwd, 'bundled-as-commonjs.mjs')],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile,
    logLevel: 'silent',
  });
  const { stdout } = await run(process.execPath, [outfile], { cwd: away });
  expect(stdout).toMatch(/^DENIED\n.*needs the package yaml: npm install yaml/);
});

it('a project of vitest, with the doubles of gatechart/testing; what needs fast-check says so', {
  timeout: 60_000,
}, async () => {
  writeFileSync(
    join(cwd, 'clock.test.js'),
    `import { expect, it } from 'vitest';
     import { faultArbitrary, ManualClock } from 'gatechart/testing';
     it('rings', async () => {
       const clock = new ManualClock();
       let rang = 0;
       clock.setTimeout(() => rang++, 1_000);
       await clock.advance(1_000);
       expect(rang).toBe(1);
       expect(() => faultArbitrary()).toThrow('needs the package fast-check: npm install fast-check');
     });`,
  );
  symlinkSync(join(repository, 'node_modules/vitest'), join(cwd, 'node_modules/vitest'));
  const vitest = join(repository, 'node_modules/vitest/vitest.mjs');
  const { stdout } = await run(process.execPath, [vitest, 'run', '--reporter=json', 'clock.test.js'], { cwd });
  expect(JSON.parse(stdout)).toMatchObject({ numPassedTests: 1, numFailedTests: 0 });
});

it('the command', async () => {
  expect(tarball).toBe('gatechart-0.1.0.tgz');
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
