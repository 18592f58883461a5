import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { entrySchema, takenKeys } from '../../../src/downstream/servers-file/entry-schema.js';
import { ignoredKeys, refusedKeys } from '../../../src/downstream/servers-file/key-rules.js';
import { readServers } from '../../../src/downstream/servers-file/read-servers.js';
import { readGatewayVariables } from '../../../src/gateway/files/gateway-variables.js';
import { entryOf, folder, readText } from '../../fixtures/downstream/servers-folder.js';

const page = readFileSync('docs/reference/servers-file.md', 'utf8');

function block(language: string): string {
  return new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(page)?.[1] ?? '';
}

/** The keys in the first column of the tables below a heading. */
function keysUnder(heading: string): string[] {
  const [, section = ''] = page.split(new RegExp(`^#+ ${heading}$`, 'm'));
  const [text = ''] = section.split(/^#+ /m);
  return [...text.matchAll(/^\| (`[^|]*`) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, key = '']) => key),
  );
}

describe('the page on the servers file', () => {
  it('has an example that can be used', () => {
    mkdirSync(join(folder, '.secrets'), { recursive: true });
    writeFileSync(join(folder, '.secrets', 'tracker'), 'sesame\n');
    const { entries, broken, disabled, issues } = readText(block('json'), { strict: true });
    expect({ broken, disabled, issues }).toEqual({ broken: [], disabled: ['old'], issues: [] });
    expect(entries.map(({ name }) => name)).toEqual(['files', 'tracker']);
    expect(entries[1]).toMatchObject({
      reach: { url: 'https://mcp.example.com/mcp', headers: { Authorization: 'Bearer sesame' } },
      timeoutMs: 30_000,
    });
  });

  it('shows messages as they are', () => {
    const { broken } = readText(`{"mcpServers": {"a": {
  "url": "https://mcp.example.com/mcp",
  "headers": {"Authorization": "Bearer \${TOKEN}"},
  "timeout": "soon"}}}`);
    expect(`${broken[0]?.error}\n`).toBe(block('text'));
  });

  it('has each key in its table, and no others', () => {
    const taken = ['With a command', 'With a URL', 'Of both kinds'].flatMap(keysUnder);
    expect(taken.toSorted()).toEqual(takenKeys.toSorted());
    const others = [...Object.keys(ignoredKeys), ...Object.keys(refusedKeys)];
    expect(keysUnder('Keys of other programs').toSorted()).toEqual(others.toSorted());
    expect(keysUnder('OAuth').toSorted()).toEqual(Object.keys(entrySchema.shape.oauth.unwrap().shape).toSorted());
    expect(keysUnder('Top level')).toEqual(['mcpServers', 'servers', 'inputs', 'serverDefaults', '$schema']);
  });

  it('says the defaults as they are', () => {
    const { connectTimeoutMs, timeoutMs, maxConcurrent, isolation, replay, pin } = entryOf({ command: 'x' });
    for (const [key, value] of Object.entries({
      connectTimeout: connectTimeoutMs,
      timeout: timeoutMs,
      maxConcurrent,
      isolation,
      replay,
      pin,
    })) {
      expect(page).toMatch(new RegExp(`^\\| \`${key}\` \\|[^|]*\\| ${String(value)} \\|`, 'm'));
    }
  });

  it('has each form of a variable, and they are what it says', () => {
    writeFileSync(join(folder, 'PATH'), 'held\n');
    for (const form of keysUnder('Variables')) {
      const read = readServers(
        { mcpServers: { s: { command: form } } },
        { env: { NAME: 'value' }, cwd: folder, home: '/home/of/user' },
      );
      expect(read.broken).toEqual([]);
    }
    expect(keysUnder('Variables')).toHaveLength(6);
  });

  it('has each variable of the gateway', () => {
    const names = keysUnder('Where it is looked for');
    const env = Object.fromEntries(names.map((name) => [name, name === 'GATEWAY_DEBUG' ? 'yes' : `of ${name}`]));
    expect(readGatewayVariables(env)).toEqual({
      servers: 'of GATEWAY_MCP_CONFIG',
      rules: 'of GATEWAY_RULES',
      defaultAgent: 'of GATEWAY_DEFAULT_AGENT',
      debug: true,
      auditLog: 'of GATEWAY_AUDIT_LOG',
      token: 'of GATECHART_TOKEN',
      warnings: [],
    });
  });
});
