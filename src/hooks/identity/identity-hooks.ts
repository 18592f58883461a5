import { z } from 'zod';
import { delegationSchema, subjectSchema } from '../../extensions/extension-schemas.js';
import { builtInHook } from '../built-in-hook.js';
import { anyRecord, textRecord } from '../record-schemas.js';
import type {
  IdentityResolvePayload,
  IdentityResolveResult,
  TokenDelegatePayload,
  TokenDelegateResult,
} from './identity.js';

const texts = () => z.array(z.string());

/** `cpex` masks tokens wherever it writes a payload down, and so on its own wires. */
const masked = '**********';

const token = () =>
  z.string().refine((text) => text !== masked, {
    error: 'Invalid input: expected a token, received ten asterisks, which mask one',
    params: { expected: 'a token, not the ten asterisks that mask one' },
  });

const payloadOfResolve = (): z.ZodType<IdentityResolvePayload> =>
  z.object({
    rawToken: token(),
    source: z.string().default('bearer'),
    headers: textRecord.default(() => ({})),
    clientHost: z.string().optional(),
    clientPort: z.int().optional(),
  });

const resultOfResolve = (): z.ZodType<IdentityResolveResult> =>
  z.object({
    subject: subjectSchema().optional(),
    delegation: delegationSchema().optional(),
    rejected: z.boolean().optional(),
    rejectStatus: z.int().optional(),
    rejectReason: z.string().optional(),
    rawClaims: anyRecord.optional(),
  });

const payloadOfDelegate = (): z.ZodType<TokenDelegatePayload> =>
  z.object({
    targetName: z.string(),
    targetType: z.string().default('tool'),
    targetAudience: z.string().optional(),
    requiredPermissions: texts().default(() => []),
    trustDomain: z.string().optional(),
    authEnforcedBy: z.string().default('caller'),
    routeAttenuation: z
      .object({
        capabilities: texts().optional(),
        resourceTemplate: z.string().optional(),
        actions: texts().optional(),
        ttlSeconds: z.int().optional(),
      })
      .optional(),
    bearerToken: token().optional(),
  });

const resultOfDelegate = (): z.ZodType<TokenDelegateResult> =>
  z.object({
    delegatedToken: z.string().optional(),
    delegationUpdate: delegationSchema().optional(),
    forwardedHeaders: textRecord.optional(),
    cacheKey: z.string().optional(),
    cacheTtl: z.int().optional(),
  });

/** No condition is matched against the token: `tools` do not apply. */
const identityResolve = builtInHook({
  name: 'identity_resolve',
  payload: payloadOfResolve,
  headerFields: ['headers'],
  nested: true,
  carriesCredentials: true,
  result: resultOfResolve,
  combine: (earlier, later) => (earlier.rejected === true ? earlier : later),
  // Of what is no result as well: `yes` is meant.
  denies: ({ rejected }) => !Object.is(rejected ?? false, false),
});

const tokenDelegate = builtInHook({
  name: 'token_delegate',
  payload: payloadOfDelegate,
  nested: true,
  carriesCredentials: true,
  result: resultOfDelegate,
  subject: { list: 'tools', of: (payload) => payload.targetName },
});

/** The hooks on whose behalf a request is made: who comes in, and with which token it goes on. */
export const identityHooks = [identityResolve, tokenDelegate] as const;
