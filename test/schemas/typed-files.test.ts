import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fileSchemas } from '../../docs/generate/schemas/file-schemas.js';
import { type JsonSchema, partOf } from '../../docs/generate/schemas/json-schema.js';
import {
  type AgentRulesInput,
  createGateway,
  createServerSet,
  readRules,
  type RuleListsInput,
  type RulesInput,
  serveGateway,
  type ServerInput,
  type ServersInput,
} from '../../src/index.js';
import { readServers } from '../../src/downstream/servers-file/read-servers.js';
import { ignoredKeys, refusedKeys } from '../../src/downstream/servers-file/key-rules.js';
import { folderWith } from '../fixtures/manager/managers.js';

/** What the compiler is asked about alone, and never runs. */
const unrun = (_written: () => unknown): void => undefined;

const schemas = await fileSchemas();
const servers = schemas.get('servers.json') ?? {};
const rules = schemas.get('rules.json') ?? {};
const keysOf = (schema: JsonSchema, ...path: string[]): string[] =>
  Object.keys(partOf(schema, ...path, 'properties')).toSorted();

/** All keys of a type: one that is missing here, or that the type lacks, does not compile. */
type Keys<Type> = { readonly [Key in keyof Required<Type>]: true };
const keysOfType = (keys: object): string[] => Object.keys(keys).toSorted();

it('servers in code do not compile with a key or a value that is none', () => {
  unrun(() => [
    createServerSet({ servers: { mcpServers: { a: { command: 'x', timeout: 5, replay: ['read'] } } } }),
    createServerSet({ servers: { servers: { a: { url: 'https://a.example', oauth: { scopes: 'x' } } } } }),
    // @ts-expect-error -- the key is `command`
    createServerSet({ servers: { mcpServers: { a: { comand: 'x' } } } }),
    // @ts-expect-error -- the key is `clientId`
    createServerSet({ servers: { mcpServers: { a: { url: 'https://a.example', oauth: { client: 'x' } } } } }),
    // @ts-expect-error -- no isolation
    createServerSet({ servers: { mcpServers: { a: { command: 'x', isolation: 'per-user' } } } }),
    // @ts-expect-error -- the key is `mcpServers`
    createServerSet({ servers: { mcpServer: {} } }),
    // @ts-expect-error -- one of the two
    createServerSet({ servers: { mcpServers: {}, servers: {} } }),
  ]);
});

it('rules in code do not compile with a key or a value that is none', () => {
  unrun(() => [
    readRules({ agents: { a: { allow: { servers: ['*'], tools: { web: ['read*'] } }, deny: {} } } }),
    // @ts-expect-error -- the key is `deny`
    readRules({ agents: { a: { deney: {} } } }),
    // @ts-expect-error -- the key is `servers`
    readRules({ agents: { a: { allow: { server: ['*'] } } } }),
    // @ts-expect-error -- a list
    readRules({ agents: { a: { allow: { servers: '*' } } } }),
    // @ts-expect-error -- the key is `deny_on_missing_agent`
    readRules({ defaults: { denyOnMissingAgent: true } }),
    // @ts-expect-error -- the key is `agents`
    createGateway({ servers: Object(), rules: { agnets: {} } }),
  ]);
});

it('the options of HTTP in code do not compile with a key that is none', () => {
  unrun(() => [
    serveGateway(Object(), { transport: { kind: 'http', port: 1, rate: { perSecond: 1 } }, logger: Object() }),
    // @ts-expect-error -- the key is `allowedHosts`
    serveGateway(Object(), { transport: { kind: 'http', allowedHost: [] }, logger: Object() }),
    serveGateway(Object(), {
      logger: Object(),
      // @ts-expect-error -- the key is `jwksUrl`
      transport: { kind: 'http', oauth: { issuer: 'a', audience: 'b', jwks: 'c' } },
    }),
  ]);
});

it('the types of rules have the keys of their schema', () => {
  const file: Keys<RulesInput> = { $schema: true, agents: true, defaults: true };
  const defaults: Keys<NonNullable<RulesInput['defaults']>> = { deny_on_missing_agent: true };
  const agent: Keys<AgentRulesInput> = { allow: true, deny: true };
  const lists: Keys<RuleListsInput> = { servers: true, tools: true };
  const ofAgent = ['properties', 'agents', 'additionalProperties'];
  expect(keysOf(rules)).toEqual(keysOfType(file));
  expect(keysOf(rules, 'properties', 'defaults')).toEqual(keysOfType(defaults));
  expect(keysOf(rules, ...ofAgent)).toEqual(keysOfType(agent));
  for (const list of ['allow', 'deny'])
    expect(keysOf(rules, ...ofAgent, 'properties', list)).toEqual(keysOfType(lists));
});

it('the types of servers have the keys of their schema that are read', () => {
  const everyServer: Keys<ServersInput> = { $schema: true, mcpServers: true, servers: true };
  expect(keysOf(servers)).toEqual([...keysOfType(everyServer), 'inputs', 'serverDefaults'].toSorted());
  const entry: Keys<ServerInput> = {
    type: true,
    transport: true,
    transportType: true,
    command: true,
    args: true,
    env: true,
    envFile: true,
    cwd: true,
    url: true,
    headers: true,
    oauth: true,
    description: true,
    alias: true,
    disabled: true,
    enabled: true,
    connectTimeout: true,
    connectionTimeout: true,
    timeout: true,
    requestTimeout: true,
    idleTimeout: true,
    eager: true,
    isolation: true,
    replay: true,
    trustAnnotations: true,
    maxResponseBytes: true,
    maxConcurrent: true,
    pin: true,
    tools: true,
    disabledTools: true,
    forwardHeaders: true,
    protocol: true,
    roots: true,
  };
  const others = [...Object.keys(ignoredKeys), ...Object.keys(refusedKeys)];
  expect(keysOf(servers, '$defs', 'server')).toEqual([...keysOfType(entry), ...others].toSorted());
});

it('a file says which schema it has, and that is no server, no agent and no mistake', () => {
  const $schema = './node_modules/gatechart/dist/schemas/servers.json';
  for (const strict of [false, true]) {
    const read = readServers({ $schema, mcpServers: { a: { command: 'x' } } }, { env: {}, strict });
    expect([read.names, read.issues]).toEqual([['a'], []]);
    expect(readRules({ $schema, agents: { a: {} } }, { strict }).rules.agents).toEqual(['a']);
    const file = join(folderWith({ 'f.json': JSON.stringify({ $schema: 5, mcpServers: {}, agents: {} }) }), 'f.json');
    expect(() => readServers(file, { env: {}, strict })).toThrow(
      'f.json:1:12 ["$schema"]: expected a string, found a number',
    );
    expect(() => readRules(file, { strict })).toThrow('f.json:1:12 ["$schema"]: expected a string, found the number 5');
  }
});
