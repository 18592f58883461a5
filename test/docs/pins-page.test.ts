import { copyFileSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, it } from 'vitest';
import { readPins } from '../../src/gateway/pins/pin-file.js';
import { folderWith, repository } from '../fixtures/manager/managers.js';
import { gatechart } from '../fixtures/processes/processes.js';

const page = readFileSync('docs/reference/pins.md', 'utf8');
const blocks = [...page.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].map(([, language = '', text = '']) => ({
  language,
  text,
}));

it('what the page on pins shows is what happens', async () => {
  const [example = '', lock = ''] = blocks.filter(({ language }) => language === 'json').map(({ text }) => text);
  expect(example).toBe(readFileSync('docs/examples/pins/servers.json', 'utf8'));
  const folder = folderWith({ 'shown.lock': lock });
  copyFileSync('docs/examples/pins/servers.json', join(folder, 'servers.json'));
  const env = { PATH: [join(repository, 'node_modules/.bin'), process.env['PATH']].join(delimiter) };
  let printed = '';
  let commands = 0;
  for (const { language, text } of blocks) {
    if (language === 'text') expect(printed).toBe(text);
    if (language !== 'sh') continue;
    const [program, ...args] = text.trim().split(' ');
    expect(program).toBe('gatechart');
    const { stdout, stderr } = await gatechart(args, { cwd: folder, env });
    expect(stderr).toBe('');
    printed = stdout;
    commands++;
  }
  expect(commands).toBe(3);
  const approved = (await readPins(join(folder, 'gatechart.lock'))).get('memory');
  const shown = (await readPins(join(folder, 'shown.lock'))).get('memory');
  expect(shown?.get('read_graph')).toEqual(approved?.get('read_graph'));
});
