import { resolve } from 'node:path';
import type { z } from 'zod';
import { isRecord } from '../../json/records.js';
import { errorAt } from '../problem.js';
import { expandHome, type PathBase } from '../source/path-base.js';
import { isGiven, type Written } from '../written.js';
import { clientTls, type ClientTlsConfig } from './client-tls.js';
import { mapOf, oneOf, optionalText, orElse } from './field-schemas.js';
import { givenFields } from './given-fields.js';
import { readWindow, replayField, type ReplayPolicy, windowField } from './reconnection.js';
import { type RuleContext, under } from './rule-context.js';
import { longestUrl } from './server-url.js';
import { checkUds } from './socket-path.js';
import type { TransportSection } from './transport-section.js';

/** The `grpc` section. */
export interface GrpcClientConfig {
  readonly target?: string;
  readonly uds?: string;
  readonly tls?: ClientTlsConfig;
  readonly reconnectWindowMs?: number;
  readonly replay: ReplayPolicy;
  /** The package to ask first; a server that does not know it is asked under the other one. */
  readonly packageName: 'mcpgateway.plugins' | 'cpex';
}

/** The packages that hold the plugin service, one per generation of the framework; the first one is the default. */
export const grpcPackages = ['mcpgateway.plugins', 'cpex'] as const;

const schema = mapOf({
  target: optionalText,
  uds: optionalText,
  tls: clientTls.schema.nullish(),
  reconnect_window: windowField,
  replay: replayField,
  package: orElse(oneOf(...grpcPackages), grpcPackages[0]),
});

function check(grpc: Written, context: RuleContext): void {
  const { path, report } = context;
  const { target, uds } = grpc;
  if (isGiven(target) && isGiven(uds)) {
    report(errorAt([...path, 'uds'], 'give either `target` or `uds`, not both', 'key'));
  } else if (!isGiven(target) && !isGiven(uds)) {
    report(errorAt(path, 'give `target` (host:port) or `uds`; there is neither'));
  }
  if (typeof target === 'string' && target !== '' && !isTarget(target)) {
    report(errorAt([...path, 'target'], (found) => `expected host:port, found ${found}`));
  }
  if (isGiven(uds)) checkUds(grpc, context);
  if (isRecord(grpc['tls'])) clientTls.check(grpc['tls'], under(context, 'tls'));
}

function isTarget(target: string): boolean {
  const port = /^[^\s\p{Cc}\\<>@]+:(\d{1,5})$/u.exec(target)?.[1];
  return port !== undefined && Number(port) >= 1 && Number(port) <= 65_535 && target.length <= longestUrl;
}

function read(grpc: z.output<typeof schema>, base: PathBase): GrpcClientConfig {
  return {
    ...givenFields({
      target: grpc.target,
      uds: grpc.uds && resolve(expandHome(grpc.uds)),
      tls: grpc.tls && clientTls.read(grpc.tls, base),
    }),
    ...readWindow(grpc.reconnect_window),
    replay: grpc.replay,
    packageName: grpc.package,
  };
}

function describe(grpc: GrpcClientConfig): Record<string, unknown> {
  return { target: grpc.target ?? null, uds: grpc.uds ?? null, tls: grpc.tls ? clientTls.describe(grpc.tls) : null };
}

export const grpcClient: TransportSection<typeof schema, GrpcClientConfig> = {
  key: 'grpc',
  schema,
  check,
  read,
  describe,
};
