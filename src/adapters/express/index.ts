export { type ExpressMiddleware, guardExpress } from './express-guard.js';
export type { AskedPermission, HttpGuardingManager, HttpGuardOptions, HttpHook } from '../http/http-guard-options.js';
export { resolvedUser } from '../http/http-guard.js';
