export { type FastifyLike, type FastifyReplyLike, type FastifyRequestLike, guardFastify } from './fastify-guard.js';
export type { AskedPermission, HttpGuardingManager, HttpGuardOptions, HttpHook } from '../http/http-guard-options.js';
export { resolvedUser } from '../http/http-guard.js';
