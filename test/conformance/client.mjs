// @ts-check
// The client that the conformance suite tests: a set with one server. The suite gives the URL of the server as the last
// argument, and says in the environment what it looks at.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServerSet, isGatechartError } from 'gatechart';

/** @typedef {import('gatechart').ServerSet} ServerSet */

/** Logins that one call may take before it is given up: for the first scopes, and for more of them. */
const mostLogins = 3;

const url = process.argv.at(-1) ?? '';
const { MCP_CONFORMANCE_SCENARIO: scenario = '', MCP_CONFORMANCE_CONTEXT: context = '{}' } = process.env;
const logins = await mkdtemp(join(tmpdir(), 'conformance-client-'));
const env = { ...process.env, XDG_STATE_HOME: logins, PLUGINS_LOG_LEVEL: 'error' };
// A session of its own: the suite asks on the stream that belongs to no call.
/** @type {import('gatechart').ServerInput} */
const entry = { type: 'http', url, isolation: 'per-client', ...login() };
const servers = await createServerSet({ servers: { mcpServers: { s: entry } }, env });
/** Somebody who accepts every form as it is. @type {import('gatechart').DownstreamCaller} */
const caller = {
  client: { id: 'only' },
  capabilities: { elicitation: { form: {} } },
  ask: async ({ params }) => {
    /** @type {any} */
    const form = params?.['requestedSchema'];
    const fields = Object.entries(form?.properties ?? {}).filter(([, field]) => 'default' in field);
    return { action: 'accept', content: Object.fromEntries(fields.map(([name, field]) => [name, field.default])) };
  },
};
try {
  await (work()[scenario] ?? callEverything)(servers);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await servers.close();
  await rm(logins, { recursive: true });
}

/** What the entry says of the login, where the suite has registered a client beforehand. */
function login() {
  if (scenario === 'auth/basic-cimd') {
    return { oauth: { clientMetadataUrl: 'https://conformance-test.local/client-metadata.json' } };
  }
  const given = JSON.parse(context);
  if (given.client_id === undefined) return {};
  const oauth = {
    clientId: given.client_id,
    clientSecret: given.client_secret,
    privateKey: given.private_key_pem,
    signingAlgorithm: given.signing_algorithm,
    grant: scenario.startsWith('auth/client-credentials') ? 'client_credentials' : undefined,
  };
  return { oauth: Object.fromEntries(Object.entries(oauth).filter(([, value]) => value !== undefined)) };
}

/** @returns {Record<string, (servers: ServerSet) => Promise<unknown>>} */
function work() {
  return {
    initialize: (set) => set.list('s', 'tools', { caller }),
    tools_call: (set) => set.callTool('s', { name: 'add_numbers', arguments: { a: 5, b: 3 } }, { caller }),
    'json-schema-2020-12-preservation': async (set) => {
      const { items } = await set.list('s', 'tools', { caller });
      const [schema] = items
        .filter(({ name }) => name === 'json_schema_2020_12_tool')
        .map((tool) => tool['inputSchema']);
      const [name] = items.map((tool) => String(tool['name'])).filter((other) => other !== 'json_schema_2020_12_tool');
      return set.callTool('s', { name: String(name), arguments: { schema } }, { caller });
    },
  };
}

/** Calls each tool once; whoever has to log in does. @param {ServerSet} set */
async function callEverything(set) {
  const { items } = await loggedIn(() => set.list('s', 'tools', { caller }));
  for (const { name } of items) await loggedIn(() => set.callTool('s', { name: String(name) }, { caller }));
}

/**
 * Does something again after a person has logged in.
 *
 * @template T
 * @param {() => Promise<T>} request
 */
async function loggedIn(request) {
  for (let count = 0; ; count++) {
    try {
      return await request();
    } catch (error) {
      if (!isGatechartError(error) || error.code !== 'LOGIN_NEEDED' || count === mostLogins) throw error;
      const { url: address } = error.details;
      if (typeof address !== 'string') throw error;
      // As a browser: to the authorization server, and from there back to us.
      const page = await fetch(address);
      console.log(`${page.status} ${await page.text()}`);
    }
  }
}
