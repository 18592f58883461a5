import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { initFolder, initUser } from '../../../src/cli/init.js';
import { loadConfig } from '../../../src/config/load-config.js';
import { parseJson } from '../../../src/config/source/json-source.js';
import { readServers } from '../../../src/downstream/servers-file/read-servers.js';
import { findGatewayFiles } from '../../../src/gateway/files/gateway-files.js';
import { readGatewayVariables } from '../../../src/gateway/files/gateway-variables.js';
import { readRules } from '../../../src/gateway/rules/read-rules.js';
import { resolveAgent } from '../../../src/gateway/identity/agent.js';
import { starterAgent, starterServer } from '../../../src/gateway/files/starter-files.js';

let folder = '';
beforeEach(() => void (folder = realpathSync(mkdtempSync(join(tmpdir(), 'gatechart-init-')))));
afterEach(() => rmSync(folder, { recursive: true }));

const names = ['.mcp-gateway-rules.json', '.mcp.json', 'deny-list.mjs', 'deny-list.test.mjs', 'gatechart.plugins.yaml'];

async function run(command: (io: Parameters<typeof initUser>[0]) => Promise<number>, env: NodeJS.ProcessEnv = {}) {
  let stdout = '';
  const io = { stdout: { write: (text: string) => (stdout += text) }, stderr: { write: () => true }, env };
  return { code: await command(io), stdout };
}

describe('`gatechart init`', () => {
  it('writes files that are found, and can be used as they are', async () => {
    const project = join(folder, 'project');
    const { code, stdout } = await run((io) => initFolder(project, io));
    expect(code).toBe(0);
    expect(stdout).toContain(`wrote ${join(project, '.mcp.json')}\n`);
    expect(stdout).toContain(
      `start the gateway with: cd ${project} && npx gatechart serve --agent assistant --plugins gatechart.plugins.yaml\n`,
    );
    expect(readdirSync(project).toSorted()).toEqual(names);

    const found = findGatewayFiles({ variables: readGatewayVariables({}), cwd: project, home: folder });
    const { entries, broken, issues } = readServers(found.servers.path, { env: {}, strict: true });
    expect({ broken, issues }).toEqual({ broken: [], issues: [] });
    expect(entries.map(({ name, reach }) => [name, reach])).toEqual([
      ['files', { kind: 'stdio', command: 'npx', args: ['-y', starterServer, project], env: {}, cwd: undefined }],
    ]);
    expect(parseJson(readFileSync(found.rules.path, 'utf8'), 'rules').data).toEqual({
      agents: {
        assistant: {
          allow: { servers: ['files'] },
          deny: { tools: { files: ['write_*', 'edit_*', 'move_*', 'create_*'] } },
        },
      },
      defaults: { deny_on_missing_agent: true },
    });
    const read = readRules(found.rules.path, { strict: true });
    expect([...read.issues, ...read.unconfigured(entries.map(({ name }) => name))]).toEqual([]);
    expect(resolveAgent({ claimed: undefined, fixed: starterAgent, rules: read.rules })).toEqual({
      agent: 'assistant',
    });
    expect(resolveAgent({ claimed: undefined, rules: read.rules })).toMatchObject({
      error: { code: 'INVALID_AGENT_ID' },
    });
    const { config, warnings } = loadConfig(join(project, 'gatechart.plugins.yaml'), { env: {}, strict: true });
    expect(warnings).toEqual([]);
    expect(config.plugins.map(({ name, hooks }) => [name, hooks])).toEqual([['DenyList', ['tool_pre_invoke']]]);
  });

  it('has an example in comments that can be used too', async () => {
    await run((io) => initFolder(folder, io));
    const servers = readFileSync(join(folder, '.mcp.json'), 'utf8');
    writeFileSync(
      join(folder, '.mcp.json'),
      servers.replaceAll(/^    \/\/ /gm, '    ').replace('    }\n    "tracker"', '    },\n    "tracker"'),
    );
    const read = readServers(join(folder, '.mcp.json'), { env: { TRACKER_TOKEN: 'x' }, strict: true });
    expect(read.entries.map(({ name }) => name)).toEqual(['files', 'tracker']);
  });

  it('names the version of its server that the tests run', async () => {
    const { version, name } = JSON.parse(
      readFileSync('node_modules/@modelcontextprotocol/server-filesystem/package.json', 'utf8'),
    ) as { version: string; name: string };
    expect(starterServer).toBe(`${name}@${version}`);
  });

  it('starts a server that shows the folder', async () => {
    await run((io) => initFolder(folder, io));
    const [entry] = readServers(join(folder, '.mcp.json'), { env: {} }).entries;
    if (entry?.reach.kind !== 'stdio') throw new Error('it has a command');
    const bin = 'node_modules/@modelcontextprotocol/server-filesystem/dist/index.js';
    const client = new Client({ name: 'test', version: '1' });
    const args = [bin, ...entry.reach.args.slice(2)];
    await client.connect(new StdioClientTransport({ command: process.execPath, args, stderr: 'ignore' }));
    try {
      const answer = await client.callTool({ name: 'list_directory', arguments: { path: folder } });
      expect(JSON.stringify(answer.content)).toContain('.mcp.json');
      const { tools } = await client.listTools();
      const writing = tools.map(({ name }) => name).filter((name) => /^(?:write|edit|move|create)_/.test(name));
      expect(writing.toSorted()).toEqual(['create_directory', 'edit_file', 'move_file', 'write_file']);
    } finally {
      await client.close();
    }
  });

  it('overwrites nothing, and says what it kept', async () => {
    writeFileSync(join(folder, '.mcp.json'), 'mine');
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'gatechart.plugins.yaml'));
    const first = await run((io) => initFolder(folder, io));
    expect(first.code).toBe(0);
    expect(first.stdout).toContain(`kept ${join(folder, '.mcp.json')}, which was there\n`);
    expect(readFileSync(join(folder, '.mcp.json'), 'utf8')).toBe('mine');
    expect(existsSync(join(folder, 'elsewhere'))).toBe(false);
    const second = await run((io) => initFolder(folder, io));
    expect(second.code).toBe(1);
    expect(second.stdout).not.toContain('wrote');
    expect(second.stdout).not.toContain('start the gateway');
  });

  it('says why a folder cannot be written to', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expect(run((io) => Promise.resolve().then(() => initFolder(join(folder, 'file'), io)))).rejects.toMatchObject(
      {
        code: 'CONFIG_UNREADABLE',
        message: expect.stringContaining('cannot be written to') as string,
      },
    );
  });
});

it('`gatechart serve --init` writes both files where they are found from everywhere, and asks nothing', async () => {
  const { code, stdout } = await run(initUser, { HOME: folder });
  const user = join(folder, '.config', 'agent-mcp-gateway');
  expect(code).toBe(0);
  expect(readdirSync(user).toSorted()).toEqual(names.slice(0, 2));
  expect(stdout).toContain('start the gateway with: npx gatechart serve --agent assistant\n');
  mkdirSync(join(folder, 'work'));
  expect(
    findGatewayFiles({ variables: { servers: undefined, rules: undefined }, cwd: join(folder, 'work'), home: folder }),
  ).toMatchObject({
    servers: { path: join(user, '.mcp.json') },
    rules: { path: join(user, '.mcp-gateway-rules.json') },
  });
});
