/** What is looked for, by the names that the settings and the counters have for it. */
export const builtInTypes = [
  'ssn',
  'bsn',
  'credit_card',
  'email',
  'phone',
  'ip_address',
  'date_of_birth',
  'passport',
  'driver_license',
  'bank_account',
  'medical_record',
] as const;

export type BuiltInType = (typeof builtInTypes)[number];

/** What stands in the place of what was found. */
export const maskStrategies = ['redact', 'partial', 'hash', 'tokenize', 'remove'] as const;

export type MaskStrategy = (typeof maskStrategies)[number];

/** A place in a text, in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Something personal that was found in a text. */
export interface PersonalFinding extends Span {
  readonly type: BuiltInType | 'custom';
  readonly value: string;
  readonly strategy: MaskStrategy;
}
