import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { folderOfBadPlugins, hookNames, refusal, writtenIn } from '../fixtures/manager/bad-plugins.js';
import { type Certificates, makeCertificates } from '../fixtures/certificates.js';
import { onCall, serve } from '../fixtures/transports/http-links.js';
import { external, http, start, stdio } from '../fixtures/manager/managers.js';
import { gatechart } from '../fixtures/processes/processes.js';
import { rejection } from '../fixtures/waiting.js';

let folder: string;
beforeEach(() => {
  folder = folderOfBadPlugins();
});

describe('a plugin server that cannot be used', () => {
  let certificates: Certificates;
  beforeAll(() => {
    certificates = makeCertificates();
  });
  afterAll(() => certificates.remove());

  const refused = async (config: object): Promise<[string, string]> => {
    const [code, message] = await refusal(start({ config }), folder);
    return [code, message.replaceAll(/127\.0\.0\.1:\d+/g, 'HOST')];
  };
  const at = (target: string): string =>
    `External plugin Guard at ${target} did not give its configuration: it cannot be reached. The last error was: `;

  it('one that answers HTML', async () => {
    for (const [status, expected] of [
      [200, ' answered 200 OK with text/html: <!doctype html><h1>It works!</h1>; expected the JSON-RPC answer.'],
      [404, ' answered 404 Not Found with text/html: <!doctype html><h1>It works!</h1>.'],
    ] as const) {
      const server = await serve({
        intercept: (_seen, response) => {
          response.writeHead(status, { 'content-type': 'text/html' });
          response.end('<!doctype html><h1>It works!</h1>');
          return true;
        },
      });
      expect(await refused(external(http(server.url)))).toEqual([
        'PLUGIN_LOAD_FAILED',
        `${at('http://HOST/mcp')}it${expected}`,
      ]);
    }
  });

  it('one with a certificate for another host', async () => {
    const { ca, wrongHost } = certificates;
    const { url } = await serve({ tls: { key: wrongHost.key, cert: wrongHost.cert } });
    expect(await refused(external(http(url, { tls: { ca_bundle: ca.certfile } })))).toEqual([
      'PLUGIN_LOAD_FAILED',
      `${at('https://HOST/mcp')}the server's certificate is not for this host (Hostname/IP does not match certificate's altnames: IP: 127.0.0.1 is not in the cert's list: ); use the name it is for, or set tls.check_hostname to false.`,
    ]);
  });

  it('one with a certificate of an unknown authority', async () => {
    const { server } = certificates;
    const { url } = await serve({ tls: { key: server.key, cert: server.cert } });
    expect(await refused(external(http(url)))).toEqual([
      'PLUGIN_LOAD_FAILED',
      `${at('https://HOST/mcp')}the authority of the server is not known; give it as tls.ca_bundle.`,
    ]);
  });

  it('one that does not know the plugin', async () => {
    const { url } = await serve(
      onCall(({ message }, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const result = { content: [{ type: 'text', text: '{}' }] };
        response.end(JSON.stringify({ jsonrpc: '2.0', id: message?.id, result }));
        return true;
      }),
    );
    expect(await refused(external(http(url)))).toEqual([
      'PLUGIN_LOAD_FAILED',
      "External plugin Guard at http://HOST/mcp has no plugin called Guard; use the name that the server's configuration gives it",
    ]);
  });

  it('one that a file names', async () => {
    const config = writtenIn(
      folder,
      `plugins:\n- {name: Guard, kind: external, mcp: ${JSON.stringify(http('http://127.0.0.1:1/mcp'))}}\n`,
    );
    const error = await rejection(start({ config }));
    expect(error).toMatchObject({
      code: 'PLUGIN_LOAD_FAILED',
      message: expect.stringMatching(`^${config}: External plugin Guard at http://127.0.0.1:1/mcp did not give`),
      cause: { code: 'CONNECTION_FAILED' },
      details: { plugin: 'Guard', file: config },
    });
  });

  it('one that is not running', async () => {
    expect(await refused(external(http('http://127.0.0.1:1/mcp')))).toEqual([
      'PLUGIN_LOAD_FAILED',
      `${at('http://HOST/mcp')}nothing listens there (ECONNREFUSED); is the server running?`,
    ]);
  });

  it('one at a private address', async () => {
    expect(await refused(external(http('http://10.0.0.1/mcp')))).toEqual([
      'PLUGIN_LOAD_FAILED',
      'Plugin Guard cannot be reached: http://10.0.0.1/mcp is a private address; requests go to public addresses and to this machine only. If that server is meant, set PLUGINS_SSRF_PROTECTION_ENABLED=false.',
    ]);
  });

  it('one whose command is not there', async () => {
    expect(await refused(external(stdio({}, { cmd: ['no-such-command'], cwd: folder })))).toEqual([
      'PLUGIN_LOAD_FAILED',
      `${at('stdio no-such-command')}cannot start 'no-such-command' in FOLDER: not found (the command, or the folder it is to run in).`,
    ]);
  });
});

describe('the command line tells a mistake in words, without a stack trace', () => {
  it.each<[string, string[], string | RegExp]>([
    [
      'a syntax error in a plugin',
      ['invoke', '--config', 'syntax.yaml', '--hook', 'tool_pre_invoke', '--payload', 'payload.json'],
      "FOLDER/syntax.yaml: Plugin A (./syntax.mjs#A) cannot be loaded: its module cannot be imported: Unexpected token '=' (`node FOLDER/syntax.mjs` shows where).\n",
    ],
    [
      'a plugin that throws in its constructor',
      ['invoke', '--config', 'constructor.yaml', '--hook', 'tool_pre_invoke', '--payload', 'payload.json'],
      'FOLDER/constructor.yaml: Plugin A (./constructor.mjs#A) cannot be loaded: its constructor threw: no key.\n',
    ],
    [
      'a file that is not there',
      ['invoke', '--config', 'none.yaml', '--hook', 'tool_pre_invoke', '--payload', 'payload.json'],
      'none.yaml cannot be read: there is no such file; give the path of a configuration file\n',
    ],
    [
      'a payload that is not there',
      ['invoke', '--config', 'good.yaml', '--hook', 'tool_pre_invoke', '--payload', 'none.json'],
      'none.json cannot be read: there is no such file\n',
    ],
    [
      'a payload that is not JSON',
      ['invoke', '--config', 'good.yaml', '--hook', 'tool_pre_invoke', '--payload', 'broken.json'],
      'broken.json is not JSON: expected `:` after a key, found a number (line 2, column 11)\n',
    ],
    [
      'a payload with a comma too many',
      ['invoke', '--config', 'good.yaml', '--hook', 'tool_pre_invoke', '--payload', 'comma.json'],
      /^comma\.json is not JSON: .*JSON/,
    ],
    [
      'a recording that is not there',
      ['replay', 'none.jsonl'],
      'gatechart replay: the recording none.jsonl cannot be read: there is no such file\n',
    ],
    [
      'a payload of the wrong shape',
      ['invoke', '--config', 'good.yaml', '--hook', 'tool_pre_invoke', '--payload', 'wrong.json'],
      'wrong.json: name: found nothing, expected a string\n',
    ],
    [
      'a payload with a key that is there twice',
      ['invoke', '--config', 'good.yaml', '--hook', 'tool_pre_invoke', '--payload', 'twice.json'],
      'twice.json:3:4: args.id: this key is in the object already, on line 2; remove one of the two\n',
    ],
    [
      'a hook that nobody registered',
      ['invoke', '--config', 'good.yaml', '--hook', 'nope', '--payload', 'payload.json'],
      `Nobody registered a hook named "nope". Known hooks: ${hookNames}.\n`,
    ],
    [
      'a plugin server with a plugin that cannot be loaded',
      ['plugin-server', '--config', 'constructor.yaml', '--transport', 'stdio'],
      'gatechart plugin-server: FOLDER/constructor.yaml: Plugin A (./constructor.mjs#A) cannot be loaded: its constructor threw: no key.\n',
    ],
  ])('%s', async (_, args, message) => {
    for (const name of ['syntax', 'constructor', 'good']) {
      const entry = `{name: A, kind: ./${name}.mjs#A, hooks: [tool_pre_invoke]}`;
      writeFileSync(join(folder, `${name}.yaml`), `plugins:\n- ${entry}\n`);
    }
    writeFileSync(join(folder, 'payload.json'), '{"name":"search","args":{}}');
    writeFileSync(join(folder, 'twice.json'), '{"name":"search", "args":\n {"id": 1,\n   "id": 2}}');
    writeFileSync(join(folder, 'wrong.json'), '{"nam":"search"}');
    writeFileSync(join(folder, 'broken.json'), '{"name":"search",\n  "args"  5}');
    writeFileSync(join(folder, 'comma.json'), '{"name":"search",}');
    const { code, stdout, stderr } = await gatechart(args, { cwd: folder, env: { PLUGINS_LOG_LEVEL: 'error' } });
    const said = typeof message === 'string' ? message : expect.stringMatching(message);
    expect({ stdout, stderr: stderr.replaceAll(folder, 'FOLDER') }).toEqual({ stdout: '', stderr: said });
    expect(code).toBe(args[0] === 'plugin-server' ? 1 : 2);
  });
});
