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
	/* of each four bits, reflected polynomial 0x82f63b78: a table of whole
	 * bytes would be twice as fast and a page long */
	static const uint32_t table[16] = {
		0x00000000U, 0x105ec76fU, 0x20bd8edeU, 0x30e349b1U,
		0x417b1dbcU, 0x5125dad3U, 0x61c69362U, 0x7198540dU,
		0x82f63b78U, 0x92a8fc17U, 0xa24bb5a6U, 0xb21572c9U,
		0xc38d26c4U, 0xd3d3e1abU, 0xe330a81aU, 0xf36e6f75U,
	};
	const uint8_t *p = bytes;
	uint32_t crc = ~(uint32_t)0;

	while (len-- > 0) {
		crc ^= *p++;
		crc = (crc >> 4) ^ table[crc & 15];
		crc = (crc >> 4) ^ table[crc & 15];
	}
	return ~crc;
}
