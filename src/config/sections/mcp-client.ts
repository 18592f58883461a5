import { resolve } from 'node:path';
import { z } from 'zod';
import { isRecord } from '../../json/records.js';
import { errorAt, warningAt } from '../problem.js';
import { expandHome, type PathBase, resolveExisting } from '../source/path-base.js';
import { isGiven, type Written } from '../written.js';
import { clientTls, type ClientTlsConfig } from './client-tls.js';
import { filledTexts, mapOf, optionalText, text } from './field-schemas.js';
import { givenFields } from './given-fields.js';
import {
  attemptFields,
  checkWindow,
  describeAttempts,
  readAttempts,
  readWindow,
  replayField,
  type ReplayPolicy,
  windowField,
} from './reconnection.js';
import { type RuleContext, under } from './rule-context.js';
import { checkProcess } from './server-process.js';
import { checkUrl } from './server-url.js';
import { checkUds } from './socket-path.js';
import { tlsFileFields } from './tls-files.js';
import type { TransportSection } from './transport-section.js';

/** How an external plugin is reached over MCP: the `mcp` section. */
export interface McpClientConfig {
  readonly proto: 'STDIO' | 'STREAMABLEHTTP' | 'SSE';
  readonly url?: string;
  readonly script?: string;
  readonly cmd?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly uds?: string;
  readonly tls?: ClientTlsConfig;
  /** Attempts in a row before the connection counts as failed. */
  readonly reconnectAttempts: number;
  /** Milliseconds; attempt n waits n times this. */
  readonly reconnectDelayMs: number;
  /** Milliseconds in which attempts go on when a server is lost, also when they are used up. */
  readonly reconnectWindowMs?: number;
  readonly replay: ReplayPolicy;
}

const schema = mapOf({
  // SSE is read so that a rule can say what to use instead.
  proto: z.enum(['STDIO', 'STREAMABLEHTTP', 'SSE'], { error: 'one of STDIO, STREAMABLEHTTP' }),
  url: optionalText,
  script: optionalText,
  cmd: filledTexts,
  env: z.record(z.string(), text, { error: 'a map of strings' }).nullish(),
  cwd: optionalText,
  uds: optionalText,
  tls: clientTls.schema.nullish(),
  ...attemptFields,
  reconnect_window: windowField,
  replay: replayField,
});

const stdioKeys = ['script', 'cmd', 'env', 'cwd'] as const;

function check(mcp: Written, context: RuleContext, entry: Written): void {
  const { path, report } = context;
  const { proto } = mcp;
  if (proto === 'STDIO') checkStdio(mcp, context);
  if (proto === 'STREAMABLEHTTP' || proto === 'SSE') {
    if (!isGiven(mcp['url'])) report(errorAt(path, `${proto} needs a \`url\`, and there is none`));
    for (const key of stdioKeys) {
      if (isGiven(mcp[key])) report(errorAt([...path, key], `\`${key}\` is for STDIO; remove it for ${proto}`, 'key'));
    }
  }
  if (proto === 'SSE') {
    const message = 'SSE is not supported; use `proto: STREAMABLEHTTP` with the Streamable HTTP address of the server';
    report((entry['mode'] === 'disabled' ? warningAt : errorAt)([...path, 'proto'], message));
  }
  if (isGiven(mcp['uds'])) {
    if (proto === 'STDIO' || proto === 'SSE') {
      report(errorAt([...path, 'uds'], `\`uds\` is for STREAMABLEHTTP; remove it for ${proto}`, 'key'));
    }
    checkUds(mcp, context);
  }
  checkUrl(mcp['url'], [...path, 'url'], report);
  checkWindow(mcp, context);
  if (isRecord(mcp['tls'])) checkTls(mcp, mcp['tls'], under(context, 'tls'));
}

function checkTls({ url }: Written, tls: Written, context: RuleContext): void {
  clientTls.check(tls, context);
  if (typeof url !== 'string' || !/^http:/i.test(url) || !Object.keys(tlsFileFields).some((key) => isGiven(tls[key])))
    return;
  context.report(
    warningAt(context.path, '`tls` has no effect; the `url` says `http://`, and only `https://` uses TLS'),
  );
}

function checkStdio(mcp: Written, context: RuleContext): void {
  const { path, report } = context;
  if (isGiven(mcp['url'])) {
    const message = 'STDIO takes no `url`; give `script` or `cmd`, or set `proto: STREAMABLEHTTP`';
    report(errorAt([...path, 'url'], message, 'key'));
  }
  if (isGiven(mcp['script']) && isGiven(mcp['cmd'])) {
    report(errorAt([...path, 'cmd'], 'STDIO takes either `script` or `cmd`, not both; remove one', 'key'));
  } else if (!isGiven(mcp['script']) && !isGiven(mcp['cmd'])) {
    report(errorAt(path, 'STDIO needs `script` or `cmd`, and there is neither'));
  }
  if (isGiven(mcp['tls'])) report(errorAt([...path, 'tls'], '`tls` is for STREAMABLEHTTP; remove it for STDIO', 'key'));
  checkProcess(mcp, context);
}

function read(mcp: z.output<typeof schema>, base: PathBase): McpClientConfig {
  return {
    ...givenFields({
      url: mcp.url,
      script: mcp.script && expandHome(mcp.script),
      cmd: mcp.cmd,
      env: mcp.env,
      cwd: mcp.cwd && resolveExisting(mcp.cwd, base),
      uds: mcp.uds && resolve(expandHome(mcp.uds)),
      tls: mcp.tls && clientTls.read(mcp.tls, base),
    }),
    ...readAttempts(mcp),
    ...readWindow(mcp.reconnect_window),
    proto: mcp.proto,
    replay: mcp.replay,
  };
}

function describe(mcp: McpClientConfig): Record<string, unknown> {
  return {
    proto: mcp.proto,
    url: mcp.url ?? null,
    script: mcp.script ?? null,
    cmd: mcp.cmd ?? null,
    env: null,
    cwd: mcp.cwd ?? null,
    uds: mcp.uds ?? null,
    tls: mcp.tls ? { ...clientTls.describe(mcp.tls), check_hostname: mcp.tls.checkHostname } : null,
    ...describeAttempts(mcp),
  };
}

export const mcpClient: TransportSection<typeof schema, McpClientConfig> = {
  key: 'mcp',
  schema,
  check,
  read,
  describe,
};
