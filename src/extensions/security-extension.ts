/** Who asks, and what holds for what is asked for. */
export interface SecurityExtension {
  /** Of the data in this request: `PII`, `CONFIDENTIAL`. Plugins only ever add some. */
  readonly labels?: readonly string[] | undefined;
  /** `public`, `internal`, `confidential`. */
  readonly classification?: string | undefined;
  readonly subject?: SubjectExtension | undefined;
  /** By tool name, prompt name or resource URI. */
  readonly objects?: Readonly<Record<string, ObjectSecurityProfile>> | undefined;
  /** By tool name, prompt name or resource URI. */
  readonly data?: Readonly<Record<string, DataPolicy>> | undefined;
}

/** Who was authenticated. */
export interface SubjectExtension {
  readonly id: string;
  readonly type: 'user' | 'agent' | 'service' | 'system';
  readonly roles?: readonly string[] | undefined;
  readonly permissions?: readonly string[] | undefined;
  readonly teams?: readonly string[] | undefined;
  /** Of the token, as texts. */
  readonly claims?: Readonly<Record<string, string>> | undefined;
}

/** What is needed to use a tool, a prompt or a resource. */
export interface ObjectSecurityProfile {
  /** Who checks: `host`, `tool` or `both`. */
  readonly managedBy?: string | undefined;
  readonly permissions?: readonly string[] | undefined;
  /** `internal`, `external` or `privileged`. */
  readonly trustDomain?: string | undefined;
  /** Names of the fields that it reads or answers. */
  readonly dataScope?: readonly string[] | undefined;
}

/** What may be done with data that a tool, a prompt or a resource gives. */
export interface DataPolicy {
  readonly applyLabels?: readonly string[] | undefined;
  /** Left out: all. */
  readonly allowedActions?: readonly string[] | undefined;
  readonly deniedActions?: readonly string[] | undefined;
  readonly retention?: RetentionPolicy | undefined;
}

/** How long data may be kept. */
export interface RetentionPolicy {
  /** Seconds. */
  readonly maxAgeSeconds?: number | undefined;
  /** `session`, `transient`, `persistent` or `none`. */
  readonly policy?: string | undefined;
  /** ISO 8601. */
  readonly deleteAfter?: string | undefined;
}
