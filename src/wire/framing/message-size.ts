/**
 * Bytes one message may have: the most over a Unix socket and over gRPC, both ways, and the default where a limit can be
 * set.
 */
export const maxMessageBytes = 16 * 1024 * 1024;

/** Bytes of the length in front of a message in a frame. */
export const headerBytes = 4;

/**
 * Bytes up to which a message is one of many in the memory it is in, and is copied behind its length: memory of its own
 * costs more.
 */
export const shortMessageBytes = 4 * 1024 - headerBytes;
