import { rmSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { type BadFile, expectedMessage, refusalOfFile, temporaryFolder } from '../fixtures/config/refusal.js';

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const badFiles: BadFile[] = [
  [
    'external without transport',
    'plugins:\n- name: a\n  kind: external\n',
    ['f.yaml:2:3 plugins[0]: an external plugin needs one of `mcp`, `grpc` and `unix_socket`, and there is none'],
  ],
  [
    'external with two transports',
    'plugins:\n- name: a\n  kind: external\n  unix_socket: {path: /tmp/x.sock}\n  grpc: {target: "h:1"}\n',
    ['f.yaml:4:3 plugins[0].unix_socket: an external plugin takes one transport, and there is `grpc` already'],
  ],
  [
    'external with config',
    'plugins:\n- name: a\n  kind: external\n  config: {a: 1}\n  unix_socket: {path: /tmp/x.sock}\n',
    ['f.yaml:4:3 plugins[0].config: an external plugin takes no `config`; it is set where the plugin is served'],
  ],
  [
    'no proto',
    'plugins:\n- name: a\n  kind: external\n  mcp:\n    url: http://h/mcp\n',
    ['f.yaml:5:5 plugins[0].mcp.proto: is missing; expected one of STDIO, STREAMABLEHTTP'],
  ],
  [
    'unknown proto',
    'plugins:\n- name: a\n  kind: external\n  mcp:\n    proto: HTTP\n    url: http://h/mcp\n',
    ['f.yaml:5:12 plugins[0].mcp.proto: expected one of STDIO, STREAMABLEHTTP, found the string "HTTP"'],
  ],
  [
    'SSE',
    'plugins:\n- name: a\n  kind: external\n  mcp:\n    proto: SSE\n    url: http://h/sse\n',
    [
      'f.yaml:5:12 plugins[0].mcp.proto: SSE is not supported; use `proto: STREAMABLEHTTP` with the Streamable HTTP address of the server',
    ],
  ],
  [
    'stdio with nothing to start',
    'plugins:\n- name: a\n  kind: external\n  mcp:\n    proto: STDIO\n',
    ['f.yaml:5:5 plugins[0].mcp: STDIO needs `script` or `cmd`, and there is neither'],
  ],
  [
    'stdio with script and cmd',
    'plugins:\n- name: a\n  kind: external\n  mcp:\n    proto: STDIO\n    script: /bin/sh\n    cmd: [sh]\n',
    ['f.yaml:7:5 plugins[0].mcp.cmd: STDIO takes either `script` or `cmd`, not both; remove one'],
  ],
  [
    'stdio with url and tls',
    'plugins:\n- name: a\n  kind: external\n  mcp:\n    proto: STDIO\n    cmd: [sh]\n    url: http://h/mcp\n    tls: {verify: true}\n',
    [
      'f.yaml:7:5 plugins[0].mcp.url: STDIO takes no `url`; give `script` or `cmd`, or set `proto: STREAMABLEHTTP`',
      'f.yaml:8:5 plugins[0].mcp.tls: `tls` is for STREAMABLEHTTP; remove it for STDIO',
    ],
  ],
  [
    'stdio with empty cmd',
    'plugins:\n- name: a\n  kind: external\n  mcp:\n    proto: STDIO\n    cmd: []\n',
    ['f.yaml:6:10 plugins[0].mcp.cmd: expected the command and its arguments, found an empty list'],
  ],
  [
    'stdio with a blank argument',
    'plugins:\n- name: a\n  kind: external\n  mcp:\n    proto: STDIO\n    cmd: [sh, ""]\n',
    ['f.yaml:6:15 plugins[0].mcp.cmd[1]: expected a string that is not empty, found an empty string'],
  ],
  [
    'stdio with a missing script',
    'plugins:\n- name: a\n  kind: external\n  mcp:\n    proto: STDIO\n    script: /no/such/server.py\n',
    ['f.yaml:6:13 plugins[0].mcp.script: expected a script that exists, found the string "/no/such/server.py"'],
  ],
  [
    'stdio with a script that cannot run',
    'plugins:\n- name: a\n  kind: external\n  mcp:\n    proto: STDIO\n    script: f.yaml\n',
    [
      'f.yaml:6:13 plugins[0].mcp.script: expected a .py or .sh script or an executable file, found the string "f.yaml"',
    ],
  ],
  [
    'stdio with a missing folder',
    'plugins:\n- name: a\n  kind: external\n  mcp:\n    proto: STDIO\n    cmd: [sh]\n    cwd: /no/such/folder\n',
    ['f.yaml:7:10 plugins[0].mcp.cwd: expected a directory that exists, found the string "/no/such/folder"'],
  ],
  [
    'stdio with numbers in env',
    'plugins:\n- name: a\n  kind: external\n  mcp:\n    proto: STDIO\n    cmd: [sh]\n    env: {PORT: 80}\n',
    ['f.yaml:7:17 plugins[0].mcp.env.PORT: expected a string, found a number; put it in quotes'],
  ],
  [
    'http without url',
    'plugins:\n- name: a\n  kind: external\n  mcp:\n    proto: STREAMABLEHTTP\n',
    ['f.yaml:5:5 plugins[0].mcp: STREAMABLEHTTP needs a `url`, and there is none'],
  ],
  [
    'http with stdio keys',
    'plugins:\n- name: a\n  kind: external\n  mcp:\n    proto: STREAMABLEHTTP\n    url: http://h/mcp\n    script: a.py\n    cmd: [a]\n    env: {A: b}\n    cwd: /tmp\n',
    [
      'f.yaml:7:5 plugins[0].mcp.script: `script` is for STDIO; remove it for STREAMABLEHTTP',
      'f.yaml:8:5 plugins[0].mcp.cmd: `cmd` is for STDIO; remove it for STREAMABLEHTTP',
      'f.yaml:9:5 plugins[0].mcp.env: `env` is for STDIO; remove it for STREAMABLEHTTP',
      'f.yaml:10:5 plugins[0].mcp.cwd: `cwd` is for STDIO; remove it for STREAMABLEHTTP',
    ],
  ],
  [
    'http with another scheme',
    'plugins:\n- name: a\n  kind: external\n  mcp:\n    proto: STREAMABLEHTTP\n    url: ftp://h/mcp\n',
    ['f.yaml:6:10 plugins[0].mcp.url: expected a URL that starts with http:// or https://, found another scheme'],
  ],
  [
    'http with no URL',
    'plugins:\n- name: a\n  kind: external\n  mcp:\n    proto: STREAMABLEHTTP\n    url: example.com/mcp\n',
    ['f.yaml:6:10 plugins[0].mcp.url: expected a URL that starts with http:// or https://, found something else'],
  ],
  [
    'http with credentials',
    'plugins:\n- name: a\n  kind: external\n  mcp:\n    proto: STREAMABLEHTTP\n    url: https://me:pw@h/mcp\n',
    ['f.yaml:6:10 plugins[0].mcp.url: a URL must not contain credentials; give them to the server another way'],
  ],
  [
    'uds with stdio',
    'plugins:\n- name: a\n  kind: external\n  mcp:\n    proto: STDIO\n    cmd: [sh]\n    uds: /tmp/x.sock\n',
    ['f.yaml:7:5 plugins[0].mcp.uds: `uds` is for STREAMABLEHTTP; remove it for STDIO'],
  ],
  [
    'uds with tls',
    'plugins:\n- name: a\n  kind: external\n  mcp:\n    proto: STREAMABLEHTTP\n    url: http://h/mcp\n    uds: /tmp/x.sock\n    tls: {verify: true}\n',
    ['f.yaml:8:5 plugins[0].mcp.tls: a Unix socket takes no `tls`; remove `tls` or `uds`'],
  ],
  [
    'relative uds',
    'plugins:\n- name: a\n  kind: external\n  mcp:\n    proto: STREAMABLEHTTP\n    url: http://h/mcp\n    uds: x.sock\n',
    ['f.yaml:7:10 plugins[0].mcp.uds: expected an absolute path, found the string "x.sock"'],
  ],
  [
    'uds in a missing folder',
    'plugins:\n- name: a\n  kind: external\n  mcp:\n    proto: STREAMABLEHTTP\n    url: http://h/mcp\n    uds: /no/such/x.sock\n',
    ['f.yaml:7:10 plugins[0].mcp.uds: expected a path in a directory that exists, found the string "/no/such/x.sock"'],
  ],
  [
    'missing TLS files',
    'plugins:\n- name: a\n  kind: external\n  mcp:\n    proto: STREAMABLEHTTP\n    url: https://h/mcp\n    tls:\n      certfile: /no/cert.pem\n      keyfile: /no/key.pem\n      ca_bundle: /no/ca.pem\n',
    [
      'f.yaml:8:17 plugins[0].mcp.tls.certfile: expected a PEM file that exists, found the string "/no/cert.pem"',
      'f.yaml:9:16 plugins[0].mcp.tls.keyfile: expected a PEM file that exists, found the string "/no/key.pem"',
      'f.yaml:10:18 plugins[0].mcp.tls.ca_bundle: expected a PEM file that exists, found the string "/no/ca.pem"',
    ],
  ],
  [
    'a key without a certificate',
    'plugins:\n- name: a\n  kind: external\n  mcp:\n    proto: STREAMABLEHTTP\n    url: https://h/mcp\n    tls: {keyfile: /etc/hostname, keyfile_password: 5}\n',
    [
      'f.yaml:7:11 plugins[0].mcp.tls.keyfile: `keyfile` needs a `certfile`, and there is none',
      'f.yaml:7:53 plugins[0].mcp.tls.keyfile_password: expected a string, found a number; put it in quotes',
    ],
  ],
  [
    'negative reconnects',
    'plugins:\n- name: a\n  kind: external\n  mcp:\n    proto: STREAMABLEHTTP\n    url: https://h/mcp\n    reconnect_attempts: -1\n    reconnect_delay: -0.1\n    replay: always\n',
    [
      'f.yaml:7:25 plugins[0].mcp.reconnect_attempts: expected an integer, 0 or more, found the number -1',
      'f.yaml:8:22 plugins[0].mcp.reconnect_delay: expected seconds, 0 or more, found the number -0.1',
      'f.yaml:9:13 plugins[0].mcp.replay: expected one of once, never, found the string "always"',
    ],
  ],
  [
    'grpc with both',
    'plugins:\n- name: a\n  kind: external\n  grpc: {target: "h:1", uds: /tmp/x.sock}\n',
    ['f.yaml:4:25 plugins[0].grpc.uds: give either `target` or `uds`, not both'],
  ],
  [
    'grpc with neither',
    'plugins:\n- name: a\n  kind: external\n  grpc: {tls: {}}\n',
    ['f.yaml:4:9 plugins[0].grpc: give `target` (host:port) or `uds`; there is neither'],
  ],
  [
    'grpc without a port',
    'plugins:\n- name: a\n  kind: external\n  grpc: {target: host}\n',
    ['f.yaml:4:18 plugins[0].grpc.target: expected host:port, found the string "host"'],
  ],
  [
    'grpc uds with tls',
    'plugins:\n- name: a\n  kind: external\n  grpc: {uds: /tmp/x.sock, tls: {verify: false}}\n',
    ['f.yaml:4:28 plugins[0].grpc.tls: a Unix socket takes no `tls`; remove `tls` or `uds`'],
  ],
  [
    'unix socket with relative path',
    'plugins:\n- name: a\n  kind: external\n  unix_socket: {path: x.sock, timeout: 0}\n',
    [
      'f.yaml:4:23 plugins[0].unix_socket.path: expected an absolute path, found the string "x.sock"',
      'f.yaml:4:40 plugins[0].unix_socket.timeout: expected seconds, more than 0, found the number 0',
    ],
  ],
  [
    'unix socket without path',
    'plugins:\n- name: a\n  kind: external\n  unix_socket: {}\n',
    ['f.yaml:4:16 plugins[0].unix_socket.path: is missing; expected a string'],
  ],
  [
    'server settings',
    'server_settings:\n  port: 70000\n  uds: x.sock\n  tls: {ssl_cert_reqs: 3}\n',
    [
      'f.yaml:2:9 server_settings.port: expected an integer from 0 to 65535, found the number 70000',
      'f.yaml:3:8 server_settings.uds: expected an absolute path, found the string "x.sock"',
      'f.yaml:4:3 server_settings.tls: a Unix socket takes no `tls`; remove `tls` or `uds`',
      "f.yaml:4:8 server_settings.tls: a server's `tls` needs `certfile` and `keyfile`; `certfile` is missing",
      "f.yaml:4:8 server_settings.tls: a server's `tls` needs `certfile` and `keyfile`; `keyfile` is missing",
      'f.yaml:4:24 server_settings.tls.ssl_cert_reqs: expected an integer from 0 to 2, found the number 3',
    ],
  ],
];

describe('a plugin or server that cannot be reached as it says is refused with everything that is wrong with it', () => {
  it.each(badFiles)('%s', (_, yaml, messages, env) => {
    const error = refusalOfFile(folder, yaml, env);
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message.split('\n')).toEqual(expectedMessage(messages));
  });
});
