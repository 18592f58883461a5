/** The tags of `google.protobuf.Struct` and what belongs to it: field number × 8 + wire type. All fit one byte. */
export const Wire = {
  structFields: 0x0a,
  entryKey: 0x0a,
  entryValue: 0x12,
  nullValue: 0x08,
  numberValue: 0x11,
  stringValue: 0x1a,
  boolValue: 0x20,
  structValue: 0x2a,
  listValue: 0x32,
  listValues: 0x0a,
} as const;

/**
 * Messages inside one another, as protobuf counts: an object is three (Struct, entry, Value), a list two. Other
 * implementations do not read more.
 */
export const maxWrittenDepth = 100;
