/* Passes in files (pass.h). */
#include "trine/pass.h"

#include <string.h>
#include <sys/random.h>

#include "trine/file.h"
#include "trine/text.h"

int pass_make(const char *path, struct error *err)
{
	unsigned char bytes[PASS_TEXT / 2];
	struct buf text = BUF_INIT;
	int rc;

	if (file_exists(path))
		return 0;
	if (getentropy(bytes, sizeof(bytes)) == -1)
		return error_errno(err, "no chance to be had for a token");
	for (size_t i = 0; i < sizeof(bytes); i++)
		buf_printf(&text, "%02x", bytes[i]);
	buf_addc(&text, '\n');
	rc = file_write(path, span_of(&text), 0600, err);
	buf_release(&text);
	return rc;
}

int pass_check_private(const char *path, bool open_to_others, const char *mode,
			 const char *what, struct error *err)
{
	if (!open_to_others && file_owned_by_us(path))
		return 0;
	return error_set(err, ERR_REFUSED, "others can read %s, and so %s, which lets "
			 "everybody in: `chmod %s %s`, and remove the token, so that "
			 "there will be a new one", path, what, mode, path);
}

static bool is_pass(struct span word)
{
	if (word.len != PASS_TEXT - 1)
		return false;
	for (size_t i = 0; i < word.len; i++)
		if (memchr("0123456789abcdef", word.p[i], 16) == NULL)
			return false;
	return true;
}

int pass_read(const char *path, const char *what, char out[PASS_TEXT],
		struct error *err)
{
	struct buf text = BUF_INIT;
	struct file_info info;
	struct span word;
	int rc = file_read(path, 4096, &text, &info, err);

	if (rc == 0)
		rc = pass_check_private(path, info.open_to_others, "600", what, err);
	word = text_trim(span_of(&text));
	if (rc == 0 && !is_pass(word))
		rc = error_set(err, ERR_REFUSED, "%s is not %s: remove it, so that "
			       "there will be a new one", path, what);
	if (rc == 0) {
		memcpy(out, word.p, PASS_TEXT - 1);
		out[PASS_TEXT - 1] = '\0';
	}
	buf_release(&text);
	return rc;
}

bool pass_same(const char pass[PASS_TEXT], const char *given)
{
	size_t len = strlen(given);
	unsigned char different = len != PASS_TEXT - 1;

	for (size_t i = 0; i < PASS_TEXT - 1; i++)
		different |= (unsigned char)(pass[i] ^ given[i < len ? i : len]);
	return different == 0;
}
