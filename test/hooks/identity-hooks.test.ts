import { describe, expect, it } from 'vitest';
import { definePlugin, type IdentityResolveResult, type InspectionEvent } from '../../src/index.js';
import { servedPlugin, transports } from '../fixtures/hosting/served-plugins.js';
import { start } from '../fixtures/manager/managers.js';
import { untyped } from '../fixtures/manager/untyped-manager.js';
import { recordingLogger } from '../fixtures/recording-logger.js';
import { rejection } from '../fixtures/waiting.js';

const context = { requestId: '1' };
const request = { rawToken: 'eyJ', source: 'bearer', headers: {} };
const target = { targetName: 'pay', targetType: 'tool', requiredPermissions: [], authEnforcedBy: 'caller' };
const alice = { subject: { id: 'alice', type: 'user' } } as const;
const bob = { subject: { id: 'bob', type: 'user' } } as const;

/** A manager with a plugin for each answer, in order, and what they were given. */
async function resolvers(...answers: IdentityResolveResult[]) {
  const given: unknown[] = [];
  const kinds = Object.fromEntries(
    answers.map((modifiedPayload, index) => [
      `kind${index}`,
      definePlugin({
        hooks: {
          identity_resolve(payload) {
            given.push(payload);
            return { modifiedPayload };
          },
        },
      }),
    ]),
  );
  const plugins = Object.keys(kinds).map((kind) => ({ name: kind, kind, hooks: ['identity_resolve'] }));
  return { manager: await start({ kinds, config: { plugins } }), given };
}

describe('identity_resolve', () => {
  it('fills in what a request leaves out', async () => {
    const { manager, given } = await resolvers({});
    await untyped(manager).invokeHook('identity_resolve', { rawToken: 't', clientHost: null }, context);
    expect(given).toEqual([{ rawToken: 't', source: 'bearer', headers: {} }]);
  });

  it('gives every plugin the request, and the caller what the last one answered', async () => {
    const { manager, given } = await resolvers(alice, bob);
    const outcome = await manager.invokeHook('identity_resolve', request, context);
    expect(given).toEqual([request, request]);
    expect(outcome).toMatchObject({ continueProcessing: true, modifiedPayload: bob });
  });

  it.each([
    ['before', [{ rejected: true, rejectStatus: 403, rejectReason: 'expired' }, alice]],
    ['behind', [alice, { rejected: true, rejectStatus: 403, rejectReason: 'expired' }]],
    ['before another rejection', [{ rejected: true, rejectStatus: 403, rejectReason: 'expired' }, { rejected: true }]],
  ])('lets a rejection stand %s somebody who was resolved', async (_, answers) => {
    const { manager } = await resolvers(...answers);
    const outcome = await manager.invokeHook('identity_resolve', request, context);
    expect(outcome.modifiedPayload).toEqual({ rejected: true, rejectStatus: 403, rejectReason: 'expired' });
  });

  it('lets a rejection stand whatever else is odd about it, and under every policy', async () => {
    const reject = definePlugin({
      hooks: {
        identity_resolve: () => ({ modifiedPayload: { rejected: true, rejectStatus: 'x', extra: 1 } as object }),
      },
    });
    const manager = await start({
      kinds: { reject },
      defaultHookPolicy: 'deny',
      config: { plugins: [{ name: 'R', kind: 'reject', hooks: ['identity_resolve'] }] },
    });
    const outcome = await manager.invokeHook('identity_resolve', request, context);
    expect(outcome.modifiedPayload).toEqual({ rejected: true });
  });

  it('does not compare the token with lists of tools', async () => {
    const resolve = definePlugin({ hooks: { identity_resolve: () => ({ modifiedPayload: alice }) } });
    const conditions = [{ tools: ['pay'] }];
    const manager = await start({
      kinds: { resolve },
      config: { plugins: [{ name: 'R', kind: 'resolve', hooks: ['identity_resolve'], conditions }] },
    });
    expect((await manager.invokeHook('identity_resolve', request, context)).modifiedPayload).toEqual(alice);
  });

  it.each([
    ['no token', { source: 'bearer' }],
    ['a token that was masked', { rawToken: '**********' }],
    ['a field that nobody knows', { rawToken: 't', token: 't' }],
    ['a port that is text', { rawToken: 't', clientPort: '80' }],
  ])('refuses %s', async (_, payload) => {
    const { manager } = await resolvers({});
    await expect(untyped(manager).invokeHook('identity_resolve', payload, context)).rejects.toMatchObject({
      code: 'PAYLOAD_INVALID',
    });
  });
});

describe('token_delegate', () => {
  it.each([
    ['pay', true],
    ['other', false],
    ['', true],
  ])('goes by the target where a plugin lists tools: %s', async (targetName, expected) => {
    const mint = definePlugin({ hooks: { token_delegate: () => ({ modifiedPayload: { delegatedToken: 'd' } }) } });
    const conditions = [{ tools: ['pay'] }];
    const manager = await start({
      kinds: { mint },
      config: { plugins: [{ name: 'M', kind: 'mint', hooks: ['token_delegate'], conditions }] },
    });
    const outcome = await manager.invokeHook('token_delegate', { ...target, targetName }, context);
    expect(outcome.modifiedPayload).toEqual(expected ? { delegatedToken: 'd' } : undefined);
  });
});

describe('tokens', () => {
  const secret = /canary/i;
  const module = `
    import { definePlugin } from 'gatechart';
    export const Served = definePlugin({
      hooks: {
        identity_resolve({ rawToken, headers }) {
          if (rawToken === 'canary fails') throw new Error('no such key');
          return { modifiedPayload: { subject: { id: headers.Who, type: 'user' }, rawClaims: { jti: rawToken } } };
        },
        token_delegate: ({ bearerToken }) => ({ modifiedPayload: { delegatedToken: bearerToken + '!' } }),
      },
    });`;
  const hooks = ['identity_resolve', 'token_delegate'];

  /** Everything that an inspector can print. */
  function watcher() {
    const told: string[] = [];
    const inspector = (event: InspectionEvent): void => {
      told.push(JSON.stringify('event' in event ? event.event : event.type));
      if ('snapshot' in event) told.push(JSON.stringify(event.snapshot));
    };
    return { told, inspector };
  }
  const wordsOf = (logger: ReturnType<typeof recordingLogger>): string[] =>
    logger.lines.map(({ fields, message, level }) => JSON.stringify([level, message, fields, String(fields['err'])]));

  // Over HTTP without TLS it would not start.
  it.each(transports.filter((transport) => transport !== 'http'))(
    'go to a plugin behind %s and come back as they are, and nobody is told of them on the way',
    async (transport) => {
      const logger = recordingLogger();
      const { told, inspector } = watcher();
      const entry = {
        ...(await servedPlugin(transport, module, hooks, logger)),
        capabilities: ['read_inbound_credentials'],
      };
      const manager = await start({ config: { plugins: [entry] }, logger, inspector });
      const resolved = await manager.invokeHook(
        'identity_resolve',
        { ...request, rawToken: 'canary', headers: { Who: 'alice' } },
        context,
      );
      expect(resolved.modifiedPayload).toEqual({ ...alice, rawClaims: { jti: 'canary' } });
      const delegated = await manager.invokeHook('token_delegate', { ...target, bearerToken: 'canary' }, context);
      expect(delegated.modifiedPayload).toEqual({ delegatedToken: 'canary!' });
      const failed = await rejection(
        manager.invokeHook('identity_resolve', { ...request, rawToken: 'canary fails' }, context),
      );
      const refused = await rejection(
        untyped(manager).invokeHook('identity_resolve', { rawToken: 'canary', clientPort: 'canary' }, context),
      );
      expect(told.length).toBeGreaterThan(20);
      expect(told.filter((word) => secret.test(word))).toEqual([]);
      expect(wordsOf(logger).filter((word) => secret.test(word))).toEqual([]);
      for (const error of [failed, refused]) {
        expect(JSON.stringify([error, String(error), error instanceof Error && error.stack])).not.toMatch(secret);
      }
    },
  );

  it('are in no message about a payload or an answer that cannot be used', async () => {
    const logger = recordingLogger();
    const answers: unknown[] = [
      { delegatedToken: ['canary'] },
      { delegatedToken: 'canary', forwardedHeaders: { A: ['canary'] } },
      { delegatedToken: 'canary', cacheTtl: 'canary' },
      'canary',
    ];
    let next: unknown;
    const mint = definePlugin({ hooks: { token_delegate: () => ({ modifiedPayload: next as object }) } });
    const manager = await start({
      kinds: { mint },
      logger,
      config: { plugins: [{ name: 'M', kind: 'mint', hooks: ['token_delegate'] }] },
    });
    for (next of answers) {
      const outcome = await manager.invokeHook('token_delegate', { ...target, bearerToken: 'canary' }, context);
      expect(outcome.modifiedPayload).toBeUndefined();
    }
    expect(logger.lines.length).toBeGreaterThanOrEqual(answers.length);
    expect(wordsOf(logger).filter((word) => secret.test(word))).toEqual([]);
    for (const payload of [
      { ...target, bearerToken: ['canary'] },
      { ...target, routeAttenuation: { ttlSeconds: 'canary' } },
      { targetType: 'canary' },
    ]) {
      const error = await rejection(untyped(manager).invokeHook('token_delegate', payload, context));
      expect(JSON.stringify([error, String(error), error instanceof Error && error.stack])).not.toMatch(secret);
    }
  });
});
