/** Who sent the request, as far as the host knows. */
export interface UserContext {
  userId: string;
  email?: string | null | undefined;
  fullName?: string | null | undefined;
  isAdmin?: boolean | undefined;
  groups?: string[] | undefined;
  roles?: string[] | undefined;
  teamId?: string | null | undefined;
  teams?: string[] | null | undefined;
  department?: string | null | undefined;
  attributes?: Record<string, unknown> | undefined;
  authMethod?: string | null | undefined;
  authenticatedAt?: string | null | undefined;
  serviceAccount?: string | null | undefined;
  delegationChain?: string[] | undefined;
}

/**
 * What is known of one request, shared by all plugins that see it. The caller owns the object and passes the same one
 * to every hook of a request: `state` and `metadata` are where plugins in modes that merge state leave word for others.
 */
export interface GlobalContext {
  requestId: string;
  /** Id of the user, or an object that describes the user. */
  user?: string | Record<string, unknown> | null | undefined;
  userContext?: UserContext | null | undefined;
  tenantId?: string | null | undefined;
  serverId?: string | null | undefined;
  /** Content type of the request, with or without parameters. */
  contentType?: string | null | undefined;
  state?: Record<string, unknown> | undefined;
  metadata?: Record<string, unknown> | undefined;
}
