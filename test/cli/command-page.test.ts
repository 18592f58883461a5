import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { commandSection, commandsIn, exitRow, parseHelp } from '../fixtures/cli/command-help.js';
import { repository } from '../fixtures/manager/managers.js';
import { gatechart } from '../fixtures/processes/processes.js';

const page = readFileSync(join(repository, 'docs/reference/command.md'), 'utf8');
const helpOf = async (path: readonly string[]) => (await gatechart([...path, '--help'])).stdout;

async function paths(within: readonly string[] = []): Promise<string[][]> {
  const names = commandsIn(await helpOf(within));
  const found = await Promise.all(names.map(async (name) => [[...within, name], ...(await paths([...within, name]))]));
  return found.flat();
}

it('the reference of the command says of every command what --help says, and of no other', async () => {
  const commands = await paths();
  const helps = await Promise.all(
    commands.map(async (path) => [path.join(' '), parseHelp(await helpOf(path))] as const),
  );
  const [, ...sections] = page.split(/^(?=## gatechart )/m);
  expect(sections.map((section) => section.trimEnd())).toEqual(
    helps.map(([name, help]) => commandSection(name, help).trimEnd()),
  );
  const rows = [...page.matchAll(/^\| \[`.*\n/gm)].map(([row]) => row);
  expect(rows).toEqual(helps.map(([name, help]) => exitRow(name, help)));
}, 60_000);

it('every command has examples that begin with its name, and says what each of its exit codes means', async () => {
  for (const path of await paths()) {
    const { examples, exits } = parseHelp(await helpOf(path));
    expect(examples, path.join(' ')).not.toEqual([]);
    for (const line of examples) expect(`${line} `).toContain(`gatechart ${path.join(' ')} `);
    expect(exits.map(([code]) => code)).toEqual(expect.arrayContaining(['0', '2']));
  }
}, 60_000);
