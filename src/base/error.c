/* Errors, filled by whoever failed and printed in one place (error.h). */
#include "trine/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int error_set(struct error *err, enum error_code code, const char *fmt, ...)
{
	va_list ap;

	err->code = code;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return -1;
}

static enum error_code code_of_errno(int number)
{
	switch (number) {
	case ENOENT:
	case ENOTDIR:
		return ERR_NOTFOUND;
	case EACCES:
	case EPERM:
		return ERR_REFUSED;
	case ENOMEM:
		return ERR_INTERNAL;
	default:
		return ERR_IO;
	}
}

int error_errno(struct error *err, const char *fmt, ...)
{
	int number = errno;
	size_t used;
	va_list ap;

	err->code = code_of_errno(number);
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	used = strlen(err->text);
	snprintf(err->text + used, sizeof(err->text) - used, ": %s",
		 strerror(number));
	return -1;
}

int error_wrap(struct error *err, const char *fmt, ...)
{
	char inner[ERROR_TEXT];
	size_t used;
	va_list ap;

	memcpy(inner, err->text, sizeof(inner));
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	used = strlen(err->text);
	snprintf(err->text + used, sizeof(err->text) - used, ": %s", inner);
	return -1;
}

void error_clear(struct error *err)
{
	err->code = ERR_NONE;
	err->text[0] = '\0';
}
