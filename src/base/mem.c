/* Allocation that cannot fail: out of memory ends the program (mem.h). */
#include "trine/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trine/error.h"

void *mem_need(void *p)
{
	if (p == NULL) {
		fputs("trine: out of memory\n", stderr);
		_Exit(ERR_INTERNAL);
	}
	return p;
}

void *xmalloc(size_t size)
{
	return mem_need(malloc(size ? size : 1));
}

void *xcalloc(size_t count, size_t size)
{
	return mem_need(calloc(count ? count : 1, size ? size : 1));
}

void *xrealloc(void *old, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size)
		mem_need(NULL);
	return mem_need(realloc(old, count > 0 && size > 0 ? count * size : 1));
}

char *xstrdup(const char *s)
{
	return s ? xmemdup(s, strlen(s)) : NULL;
}

char *xstrndup(const char *s, size_t len)
{
	return xmemdup(s, strnlen(s, len));
}

char *xmemdup(const void *bytes, size_t len)
{
	char *copy = xmalloc(len + 1);

	if (len > 0)
		memcpy(copy, bytes, len);
	copy[len] = '\0';
	return copy;
}

char *xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *out;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len < 0)
		mem_need(NULL);
	out = xmalloc((size_t)len + 1);
	va_start(ap, fmt);
	vsnprintf(out, (size_t)len + 1, fmt, ap);
	va_end(ap);
	return out;
}
