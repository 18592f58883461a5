import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  defaultAuditLog,
  findGatewayFiles,
  type GatewayFilesOptions,
} from '../../../src/gateway/files/gateway-files.js';
import { readGatewayVariables } from '../../../src/gateway/files/gateway-variables.js';
import { refusalOf } from '../../fixtures/config/refusal.js';

let root = '';
beforeEach(() => void (root = realpathSync(mkdtempSync(join(tmpdir(), 'gatechart-find-')))));
afterEach(() => rmSync(root, { recursive: true }));

const place = (path: string): string => {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '{}');
  return file;
};
const find = (env: NodeJS.ProcessEnv = {}, flags: Pick<GatewayFilesOptions, 'servers' | 'rules'> = {}) =>
  findGatewayFiles({
    variables: readGatewayVariables(env),
    cwd: join(root, 'project'),
    home: join(root, 'user'),
    ...flags,
  });

describe('the files of a gateway', () => {
  it('are the first that there are, each looked for by itself', () => {
    const config = [place('project/config/.mcp.json'), place('project/config/.mcp-gateway-rules.json')];
    expect(find()).toEqual({
      servers: { path: config[0], from: 'search' },
      rules: { path: config[1], from: 'search' },
    });
    const rules = place('user/.config/agent-mcp-gateway/.mcp-gateway-rules.json');
    expect(find()).toMatchObject({ servers: { path: config[0] }, rules: { path: rules } });
    const servers = place('project/.mcp.json');
    expect(find()).toMatchObject({ servers: { path: servers }, rules: { path: rules } });
  });

  it('are those that variables name, and before them those that flags name', () => {
    place('project/.mcp.json');
    place('project/.mcp-gateway-rules.json');
    const set = place('user/set.json');
    const given = place('project/given.json');
    const env = { GATEWAY_MCP_CONFIG: '~/set.json', GATEWAY_RULES: set };
    expect(find(env)).toEqual({
      servers: { path: set, from: 'GATEWAY_MCP_CONFIG' },
      rules: { path: set, from: 'GATEWAY_RULES' },
    });
    expect(find(env, { servers: 'given.json', rules: given })).toEqual({
      servers: { path: given, from: '--servers' },
      rules: { path: given, from: '--rules' },
    });
    expect(find({ GATEWAY_MCP_CONFIG: ' ' }).servers.from).toBe('search');
  });

  it('are not looked for elsewhere where one that was named is missing', () => {
    place('project/.mcp.json');
    place('project/.mcp-gateway-rules.json');
    const messageOf = (env: NodeJS.ProcessEnv, flags = {}): string => {
      const error = refusalOf(() => find(env, flags));
      expect(error.code).toBe('CONFIG_UNREADABLE');
      return error.message;
    };
    expect(messageOf({ GATEWAY_MCP_CONFIG: 'none.json' })).toBe(
      'GATEWAY_MCP_CONFIG names none.json, and there is no such file',
    );
    expect(messageOf({ GATEWAY_RULES: 'none.json' })).toBe('GATEWAY_RULES names none.json, and there is no such file');
    expect(messageOf({}, { servers: 'none.json' })).toBe('--servers names none.json, and there is no such file');
    expect(messageOf({}, { rules: '' })).toBe('--rules names no file');
  });

  it('that are nowhere are told with where they were looked for', () => {
    place('project/.mcp.json');
    expect(refusalOf(() => find()).message).toBe(
      [
        'there is no rules file; give --rules or GATEWAY_RULES, or write one with `gatechart init`. Looked for:',
        `  ${root}/project/.mcp-gateway-rules.json`,
        `  ${root}/user/.config/agent-mcp-gateway/.mcp-gateway-rules.json`,
        `  ${root}/project/config/.mcp-gateway-rules.json`,
      ].join('\n'),
    );
  });
});

describe('the variables of a gateway', () => {
  it('are read', () => {
    const env = {
      GATEWAY_MCP_CONFIG: 'a',
      GATEWAY_RULES: 'b',
      GATEWAY_DEFAULT_AGENT: 'c',
      GATEWAY_DEBUG: 'Yes',
      GATEWAY_AUDIT_LOG: 'd',
      GATECHART_TOKEN: 'e',
      OTHER: 'f',
    };
    expect(readGatewayVariables(env)).toEqual({
      servers: 'a',
      rules: 'b',
      defaultAgent: 'c',
      debug: true,
      auditLog: 'd',
      token: 'e',
      warnings: [],
    });
  });

  it('say nothing where they are not set, or empty', () => {
    const nothing = {
      servers: undefined,
      rules: undefined,
      defaultAgent: undefined,
      debug: false,
      auditLog: undefined,
      token: undefined,
      warnings: [],
    };
    expect(readGatewayVariables({})).toEqual(nothing);
    expect(readGatewayVariables({ GATEWAY_RULES: '', GATEWAY_DEBUG: ' ', GATEWAY_DEFAULT_AGENT: '' })).toEqual(nothing);
    expect(defaultAuditLog('/h')).toBe('/h/.cache/agent-mcp-gateway/logs/audit.jsonl');
  });

  it.each([
    ['true', true],
    ['TRUE', true],
    ['1', true],
    ['yes', true],
    ['false', false],
    ['0', false],
    ['no', false],
  ])('switch debugging on or off: %s', (value, debug) => {
    expect(readGatewayVariables({ GATEWAY_DEBUG: value })).toMatchObject({ debug, warnings: [] });
  });

  it('are warned of where nothing reads them', () => {
    const env = {
      GATEWAY_DEBUG: 'on',
      GATEWAY_TRANSPORT: 'http',
      GATEWAY_PORT: '1',
      GATEWAY_INIT_STRATEGY: 'eager',
      GATEWAY_RULE: 'x',
      gateway_rules: 'x',
      GATECHART_TOKN: 'sesame',
      GATEWAY_COLOUR: 'x',
      GATEWAY_SERVICE_HOST: '10.0.0.1',
      GATEWAY_PORT_80_TCP: 'tcp://10.0.0.1:80',
    };
    expect(readGatewayVariables(env).warnings.map(({ path, message }) => `${path}: ${message}`)).toEqual([
      'GATEWAY_DEBUG: expected true, 1 or yes, found something else, which switches nothing on',
      'GATEWAY_TRANSPORT: nothing reads this variable; give `--transport`',
      'GATEWAY_PORT: nothing reads this variable; give `--port`',
      'GATEWAY_INIT_STRATEGY: nothing reads this variable; servers are started when they are first used; `eager` in the entry of a server starts it at once',
      'GATEWAY_RULE: nothing reads this variable; did you mean GATEWAY_RULES?',
      'gateway_rules: nothing reads this variable; did you mean GATEWAY_RULES?',
      'GATECHART_TOKN: nothing reads this variable; did you mean GATECHART_TOKEN?',
      'GATEWAY_COLOUR: nothing reads this variable',
    ]);
  });

  it('cannot set a token to nothing', () => {
    for (const token of ['', ' ']) {
      expect(refusalOf(() => readGatewayVariables({ GATECHART_TOKEN: token })).message).toBe(
        'the environment has 1 error\nGATECHART_TOKEN: expected a token, found an empty string; set one, or unset the variable',
      );
    }
  });
});
