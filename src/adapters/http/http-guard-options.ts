import { checkOptionNames } from '../../config/code-options.js';
import type { GlobalContext } from '../../context/global-context.js';
import type { Extensions } from '../../extensions/extensions.js';
import { checkFunction, checkManager } from '../../guard/guard-options.js';
import type { HookOutcome } from '../../hooks/hook-outcome.js';
import type { PluginManager } from '../../manager/plugin-manager.js';
import type { Logger } from '../../observability/logger.js';

/** What a guard of HTTP requests needs of a manager. */
export type HttpGuardingManager = Pick<PluginManager, 'invokeHook' | 'hasHooksFor'>;

/** The hooks around an HTTP request. */
export type HttpHook =
  | 'http_pre_request'
  | 'http_auth_resolve_user'
  | 'http_auth_check_permission'
  | 'http_post_request';

/** What plugins on `http_auth_check_permission` are asked about. */
export interface AskedPermission {
  readonly permission: string;
  readonly resourceType?: string | undefined;
  readonly teamId?: string | undefined;
}

/** What a guard of HTTP requests can be told. */
export interface HttpGuardOptions<Request> {
  /** Makes the context of each request; it is one request's and must not be shared. Default: a random request id. */
  readonly contextOf?: ((request: Request) => GlobalContext | Promise<GlobalContext>) | undefined;
  /** What plugins are told of a request beside its payload. */
  readonly extensionsOf?: ((request: Request) => Extensions | undefined | Promise<Extensions | undefined>) | undefined;
  /** What somebody needs for a request. Default: `http.access` on a resource of the type `http`. */
  readonly permissionOf?: ((request: Request) => AskedPermission) | undefined;
  /** Hears what has come of each hook. What it throws refuses the request. */
  readonly onOutcome?: ((outcome: HookOutcome, hook: HttpHook, context: GlobalContext) => void) | undefined;
  /** Told of plugins that could not look, and of headers that plugins may not set. Default: warnings on standard error. */
  readonly logger?: Logger | undefined;
}

const optionNames = ['contextOf', 'extensionsOf', 'permissionOf', 'onOutcome', 'logger'];

/** @throws GatechartError CONFIG_INVALID */
export function checkHttpGuard(manager: unknown, options: object, owner: string): void {
  checkManager(manager, owner);
  checkOptionNames(options, optionNames, owner);
  for (const name of ['contextOf', 'extensionsOf', 'permissionOf', 'onOutcome'])
    checkFunction(Reflect.get(options, name), name, owner, 'optional');
}
