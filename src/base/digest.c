/*
 * Digests (digest.h). libmd gives SHA-1 and SHA-256; CRC-32C the processor, if it can, or
 * tables.
 */
#include "trine/digest.h"

#include <sha1.h>
#include <sha2.h>
#include <stdio.h>
#include <string.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#elif defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#endif

static void to_hex(const uint8_t *raw, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		out[2 * i] = digits[raw[i] >> 4];
		out[2 * i + 1] = digits[raw[i] & 15];
	}
	out[2 * len] = '\0';
}

void digest_hex(const void *bytes, size_t len, char out[DIGEST_HEX])
{
	uint8_t raw[SHA256_DIGEST_LENGTH];
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	SHA256Update(&ctx, bytes, len);
	SHA256Final(raw, &ctx);
	to_hex(raw, sizeof(raw), out);
}

void digest_blob(const void *bytes, size_t len, char out[BLOB_HEX])
{
	uint8_t raw[SHA1_DIGEST_LENGTH];
	char head[32];
	int n = snprintf(head, sizeof(head), "blob %zu", len);
	SHA1_CTX ctx;

	SHA1Init(&ctx);
	SHA1Update(&ctx, (const uint8_t *)head, (size_t)n + 1);
	SHA1Update(&ctx, bytes, len);
	SHA1Final(raw, &ctx);
	to_hex(raw, sizeof(raw), out);
}

/* Eight bytes at once: crc_table[k][b] is what the byte b does, k bytes later. The
 * reflected polynomial is 0x82f63b78. */
static uint32_t crc_table[8][256];

static void make_crc_table(void)
{
	for (uint32_t b = 0; b < 256; b++) {
		uint32_t crc = b;

		for (int bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ (crc & 1 ? 0x82f63b78U : 0);
		crc_table[0][b] = crc;
	}
	for (int k = 1; k < 8; k++)
		for (int b = 0; b < 256; b++) {
			uint32_t crc = crc_table[k - 1][b];

			crc_table[k][b] = (crc >> 8) ^ crc_table[0][crc & 255];
		}
}

static uint32_t crc_of_eight(uint32_t crc, const uint8_t *p)
{
	uint32_t next = 0;

	for (int i = 0; i < 4; i++)
		next ^= crc_table[7 - i][p[i] ^ (crc >> 8 * i & 255)] ^
			crc_table[3 - i][p[4 + i]];
	return next;
}

uint32_t digest_crc32c_by_tables(uint32_t crc, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;

	crc = ~crc;
	if (crc_table[0][1] == 0)
		make_crc_table();
	for (; len >= 8; p += 8, len -= 8)
		crc = crc_of_eight(crc, p);
	for (; len > 0; p++, len--)
		crc = (crc >> 8) ^ crc_table[0][(crc ^ *p) & 255];
	return ~crc;
}

/* Some processors have an instruction for it, for this very polynomial. */
#if defined(__x86_64__)
#define CRC_TARGET __attribute__((target("sse4.2")))
#define CRC_EIGHT(crc, bytes) ((uint32_t)_mm_crc32_u64((crc), (bytes)))
#define CRC_ONE(crc, byte) _mm_crc32_u8((crc), (byte))
#define CRC_IS_THERE __builtin_cpu_supports("sse4.2")
#elif defined(__ARM_FEATURE_CRC32)
#define CRC_TARGET
#define CRC_EIGHT(crc, bytes) __crc32cd((crc), (bytes))
#define CRC_ONE(crc, byte) __crc32cb((crc), (byte))
#define CRC_IS_THERE true
#endif

#ifdef CRC_TARGET
CRC_TARGET static uint32_t crc_by_processor(uint32_t crc, const uint8_t *p, size_t len)
{
	uint64_t bytes;

	for (; len >= sizeof(bytes); p += sizeof(bytes), len -= sizeof(bytes)) {
		memcpy(&bytes, p, sizeof(bytes));
		crc = CRC_EIGHT(crc, bytes);
	}
	for (; len > 0; p++, len--)
		crc = CRC_ONE(crc, *p);
	return crc;
}
#endif

uint32_t digest_crc32c_more(uint32_t crc, const void *bytes, size_t len)
{
#ifdef CRC_TARGET
	if (CRC_IS_THERE)
		return ~crc_by_processor(~crc, bytes, len);
#endif
	return digest_crc32c_by_tables(crc, bytes, len);
}

uint32_t digest_crc32c(const void *bytes, size_t len)
{
	return digest_crc32c_more(0, bytes, len);
}
