/**
 * Bytes one message may have: the most over a Unix socket and over gRPC, both ways, and the default where a limit can be
 * set.
 */
export const maxMessageBytes = 16 * 1024 * 1024;
