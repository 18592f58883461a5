/**
 * A schema that is made when it is first used: to make one takes longer than all else that a module does when it is loaded,
 * and few programs use them all.
 */
export function lazySchema<Schema>(make: () => Schema): () => Schema {
  let made: { readonly schema: Schema } | undefined;
  return () => (made ??= { schema: make() }).schema;
}
