/*
 * Digests: SHA-256 (FIPS 180-4, by libmd), SHA-1 only where git needs it, and
 * CRC-32C (RFC 3720 appendix B.4) for the lines of the event log.
 */
#ifndef TRINE_DIGEST_H
#define TRINE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

enum { DIGEST_HEX = 65, BLOB_HEX = 41 };

/* SHA-256 as 64 hex digits and a NUL. */
void digest_hex(const void *bytes, size_t len, char out[DIGEST_HEX]);

/* The id git gives a blob of these bytes: SHA-1 over "blob LEN\0" and them. */
void digest_blob(const void *bytes, size_t len, char out[BLOB_HEX]);

uint32_t digest_crc32c(const void *bytes, size_t len);
/* Of what CRC is of, and LEN bytes more; of nothing it is 0. */
uint32_t digest_crc32c_more(uint32_t crc, const void *bytes, size_t len);
/* The same, as it is done where the processor has no instruction for it. */
uint32_t digest_crc32c_by_tables(uint32_t crc, const void *bytes, size_t len);

#endif
