/** Without the keys that are null, undefined or an empty string: an unset variable leaves an empty string. */
type GivenFields<T> = { [K in keyof T as undefined extends T[K] ? never : null extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : null extends T[K] ? K : never]?: NonNullable<T[K]>;
};

export function givenFields<T extends object>(value: T): GivenFields<T> {
  const given = Object.entries(value).filter(([, item]) => item !== undefined && item !== null && item !== '');
  // The type says exactly what the filter does, which the compiler cannot follow through entries.
  return Object.fromEntries(given) as GivenFields<T>;
}
