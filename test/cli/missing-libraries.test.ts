import { execFile } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { installPackage } from '../fixtures/processes/local-install.js';

// Beside the packed package none of its optional peers is installed.
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'gatechart-libraries-')));
const command = join(folder, 'node_modules/gatechart/dist/src/cli/main.js');
beforeAll(() => installPackage(folder), 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

function gatechart(...args: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [command, ...args], { cwd: folder }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
}

const configs: readonly [kind: string, library: string, hook: string, config: object, without: object | undefined][] = [
  ['json-repair', 'jsonrepair', 'tool_post_invoke', { engine: 'jsonrepair' }, {}],
  [
    'rate-limiter',
    'ioredis',
    'tool_pre_invoke',
    { by_user: '1/s', backend: 'redis', redis_url: 'redis://127.0.0.1:1' },
    { by_user: '1/s' },
  ],
  ['url-reputation', 'tldts', 'resource_pre_fetch', { use_heuristic_check: true }, { use_heuristic_check: false }],
  ['tools-telemetry-exporter', '@opentelemetry/api', 'tool_pre_invoke', {}, undefined],
  ['html-to-markdown', 'htmlparser2', 'resource_post_fetch', {}, undefined],
  ['safe-html-sanitizer', 'sanitize-html', 'resource_post_fetch', {}, undefined],
];

function written(kind: string, hook: string, config: object): void {
  const plugin = { name: 'Mine', kind, hooks: [hook], config };
  writeFileSync(join(folder, 'plugins.yaml'), JSON.stringify({ plugins: [plugin] }));
}

it.each(configs)('check-config --load says that %s needs %s, as a start does', async (kind, library, hook, config) => {
  written(kind, hook, config);
  const checked = await gatechart('check-config', '--load', 'plugins.yaml');
  expect(checked.code).toBe(1);
  expect(checked.stdout).toMatch(
    new RegExp(
      `^plugins\\.yaml:1:\\d+ error plugins\\[0\\]\\.kind: Plugin Mine \\(${kind}\\) cannot be (?:started|loaded): `,
    ),
  );
  const needed = `needs the package ${library}: npm install ${library}`;
  expect(checked.stdout).toContain(needed);
  writeFileSync(join(folder, 'payload.json'), '{}');
  const started = await gatechart('plugin-server', '-c', 'plugins.yaml', '--transport', 'http', '--port', '0');
  expect(started.code).not.toBe(0);
  expect(started.stderr).toContain(needed);
});

it.each(configs.filter(([, , , , without]) => without !== undefined))(
  'and that %s does without %s where its settings do',
  async (kind, _library, hook, _config, without = {}) => {
    written(kind, hook, without);
    const { code, stdout } = await gatechart('check-config', '--load', 'plugins.yaml');
    expect([code, stdout]).toEqual([0, 'plugins.yaml: 1 plugin, 0 errors, 0 warnings\n']);
  },
);
