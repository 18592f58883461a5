import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { attachInspector } from '../../src/inspect/live/attach-inspector.js';
import { SampleSource } from '../fixtures/inspect/sample-source.js';
import { ServedSource } from '../fixtures/inspect/served-source.js';
import { start } from '../fixtures/manager/managers.js';
import { gatechart } from '../fixtures/processes/processes.js';
import { rejection } from '../fixtures/waiting.js';

const page = readFileSync('docs/reference/inspector.md', 'utf8');

function section(heading: string): string {
  return page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
}

function firstCells(text: string): string[] {
  return [...text.matchAll(/^\| `([^|]*)\|/gm)].map(([, cell = '']) => cell.trim().replace(/^`|`$/g, ''));
}

describe('the page on the inspector', () => {
  it('names every option', async () => {
    const manager = await start({ config: { plugins: [] } });
    const error = await rejection(attachInspector(manager, { ports: [] } as never));
    const said = error instanceof Error ? error.message : '';
    const known = await rejection(attachInspector(manager, { everything: true } as never));
    expect(said).toContain('did you mean port?');
    const [, listed = ''] = /expected (.*)\.$/.exec(known instanceof Error ? known.message : '') ?? [];
    expect(firstCells(section('Options'))).toEqual(listed.split(', '));
  });

  it.each(['serve', 'plugin-server', 'invoke'])('names the flags of gatechart %s', async (command) => {
    const { stdout } = await gatechart([command, '--help']);
    const flags = [...stdout.matchAll(/^ {2}(--inspect\S*(?: \[port\])?)/gm)].map(([, flag]) => flag);
    expect(firstCells(section('Command line'))).toEqual(flags);
  });

  it('names paths that there are', async () => {
    const one = await ServedSource.start(new SampleSource());
    const key = await one.key();
    const live = firstCells(section('Endpoints')).flatMap((cell) => {
      const [, method, path] = /^(GET|POST) ([/\w]*)/.exec(cell) ?? [];
      return path === undefined || /^\/(?:control|step|steps|until|test|charts\/)$/.test(path) ? [] : [[method, path]];
    });
    expect(live.length).toBeGreaterThan(4);
    for (const [, path = ''] of live) expect((await one.ask(path, { key, method: 'PUT' })).status, path).toBe(405);
  });

  it('has commands that work as they are', async () => {
    const { server } = await ServedSource.start(new SampleSource());
    const [command = ''] = [...page.matchAll(/^```sh\n(KEY=[\s\S]*?)^```$/gm)].map(([, text = '']) => text);
    const { stdout } = await promisify(execFile)('sh', ['-c', `${command}\ntrue`], {
      env: { ...process.env, ADDRESS: server.url() },
    });
    expect(stdout).toContain('"type":"next","actor":"connection:github"');
    expect(stdout).toContain('data: {"v":1,"type":"hello"');
    expect(stdout).toMatch(/id: \d+\ndata: \{"v":1,"type":"snapshot"/);
  });
});
