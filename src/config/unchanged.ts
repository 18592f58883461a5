/** The same, where lists and maps may be ones that cannot be changed. */
export type Unchanged<Given> = Given extends readonly (infer Item)[]
  ? readonly Unchanged<Item>[]
  : Given extends object
    ? { readonly [Key in keyof Given]: Unchanged<Given[Key]> }
    : Given;
