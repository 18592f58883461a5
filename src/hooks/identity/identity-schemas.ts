import { z } from 'zod';
import { textRecord } from '../record-schemas.js';
import type { Delegation, IdentitySubject } from './identity.js';

// Of results of identity hooks and of the extensions alike.

export const texts = z.array(z.string());

export const subject: z.ZodType<IdentitySubject> = z.object({
  id: z.string(),
  type: z.enum(['user', 'agent', 'service', 'system']),
  roles: texts.optional(),
  permissions: texts.optional(),
  teams: texts.optional(),
  claims: textRecord.optional(),
});

export const delegation: z.ZodType<Delegation> = z.object({
  chain: z
    .array(
      z.object({
        subjectId: z.string(),
        subjectType: z.string(),
        audience: z.string().optional(),
        scopesGranted: texts.optional(),
        timestamp: z.iso.datetime({ offset: true, local: true }).optional(),
        ttlSeconds: z.int().optional(),
        strategy: z.string().optional(),
        fromCache: z.boolean().optional(),
      }),
    )
    .optional(),
  depth: z.int().optional(),
  originSubjectId: z.string().optional(),
  actorSubjectId: z.string().optional(),
  delegated: z.boolean().optional(),
  ageSeconds: z.number().optional(),
});
