/* Digests (digest.h). libmd gives SHA-1 and SHA-256; CRC-32C is table-driven. */
#include "trine/digest.h"

#include <sha1.h>
#include <sha2.h>
#include <stdio.h>

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

uint32_t digest_crc32c(const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	uint32_t crc = ~(uint32_t)0;

	/* Bit by bit, reflected polynomial 0x82f63b78: lines are short, and a
	 * table would have to be filled or written out. */
	while (len-- > 0) {
		crc ^= *p++;
		for (int bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ (0x82f63b78U & (0U - (crc & 1)));
	}
	return ~crc;
}
